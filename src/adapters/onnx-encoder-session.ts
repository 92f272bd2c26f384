import { env, InferenceSession, Tensor } from "onnxruntime-node";
import type { EncoderManifest } from "../domain/encoder-manifest.js";
import type { EncoderModel } from "../domain/encoder-model.js";
import { ServiceError } from "../domain/errors.js";
import type { Provider } from "../domain/provider-ladder.js";
import { readModelBytes } from "./encoder-files.js";
import { toTensorValues } from "./onnx-encoder-input.js";

export type SessionOptions = Readonly<{
  manifest: EncoderManifest;
  /** One of the manifest's, and where it lies. */
  model: EncoderModel;
  modelFile: string;
  provider: Provider;
  threads: number;
  /** Which GPU, as CUDA counts them, by default the first; means nothing on the CPU. */
  deviceId?: number;
}>;

/**
 * [count, dimension] floats, straight from the graph; or a device error: the runtime's own run failed. Nothing about a
 * picture can make it, since each has the graph's own shape and type, so it is the device or the session that broke.
 */
export type RunOutcome =
  | Readonly<{ kind: "rows"; values: Float32Array }>
  | Readonly<{ kind: "device_error"; reason: string }>;

export type EncoderSession = Readonly<{
  /**
   * Of [count, side, side, 3] bytes.
   * @throws ServiceError `encoder_failed` when the graph gives something else than its manifest promises.
   */
  run: (pixels: Uint8Array, count: number) => Promise<RunOutcome>;
  /** False when the graph's batch dimension is fixed to 1. */
  takesBatches: boolean;
  /** Gives memory back, the device's too. */
  release: () => Promise<void>;
}>;

// What ONNX Runtime writes to stderr by itself is no line of our log; all that matters arrives as an exception.
const silent = 4;
env.logLevel = "fatal";

/**
 * Opens a session on the verified bytes of the model and holds its input and output against the manifest.
 * @throws Error with one line: unreadable or changed file, no such provider, not a model, other names or shapes.
 */
export async function openSession(options: SessionOptions): Promise<EncoderSession> {
  const { manifest, model, modelFile, provider, threads, deviceId = 0 } = options;
  // From bytes and not from the path: what was verified is what runs.
  const bytes = await readModelBytes(modelFile, model.sha256);
  const session = await InferenceSession.create(bytes, {
    executionProviders: toProviders(provider, deviceId),
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    // Unset, each session would start a thread per core, and sessions would fight over them.
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    extra: {
      // Spinning threads burn a core between calls that the decoders need.
      "session.intra_op.allow_spinning": "0",
      // A graph may name other files for its weights, which no digest covers; below a file there are none to find.
      "session.model_external_initializers_file_folder_path": modelFile,
    },
    logSeverityLevel: silent,
  });
  const problems = [...inputProblems(session, manifest), ...outputProblems(session, manifest)];
  if (problems.length > 0) throw new Error(`the graph is not what the manifest says: ${problems.join("; ")}`);
  return {
    run: (pixels, count) => run(session, manifest, pixels, count),
    release: () => session.release(),
    takesBatches: typeof shapeOf(session.inputMetadata[0])[0] !== "number",
  };
}

/** TensorRT leaves what it does not know to CUDA; anything beyond them would be a silent step down to the CPU. */
function toProviders(provider: Provider, deviceId: number): InferenceSession.ExecutionProviderConfig[] {
  if (provider === "cpu") return ["cpu"];
  const cuda = { name: "cuda", deviceId } as const;
  return provider === "tensorrt" ? [{ name: "tensorrt", deviceId }, cuda] : [cuda];
}

async function run(
  session: InferenceSession,
  { input, output }: EncoderManifest,
  pixels: Uint8Array,
  count: number,
): Promise<RunOutcome> {
  const { side } = input;
  const dims = input.layout === "nhwc" ? [count, side, side, 3] : [count, 3, side, side];
  const tensor = new Tensor(input.dtype, toTensorValues(pixels, count, input), dims);
  const outcome = await session.run({ [input.name]: tensor }, [output.name], { logSeverityLevel: silent }).then(
    ({ [output.name]: result }) => result,
    (error: unknown) => ({ reason: error instanceof Error ? error.message : String(error) }),
  );
  if (outcome !== undefined && "reason" in outcome) return { kind: "device_error", reason: outcome.reason };
  // A free dimension promises nothing before it runs.
  if (outcome?.type !== "float32" || outcome.dims.join() !== [count, output.dimension].join()) {
    const found = `the graph gave ${outcome?.type} [${outcome?.dims}], not float32 [${count},${output.dimension}]`;
    throw new ServiceError("encoder_failed", { reason: "wrong shape" }, new Error(found));
  }
  return { kind: "rows", values: outcome.data as Float32Array };
}

function inputProblems(session: InferenceSession, { input }: EncoderManifest): readonly string[] {
  const { inputNames, inputMetadata } = session;
  if (inputNames.length !== 1 || inputNames[0] !== input.name) {
    return [`inputs are ${inputNames.join(", ")}, not ${input.name} alone`];
  }
  const { side } = input;
  const wanted = input.layout === "nhwc" ? [1, side, side, 3] : [1, 3, side, side];
  return valueProblems(`input ${input.name}`, inputMetadata[0], input.dtype, wanted);
}

function outputProblems(session: InferenceSession, { output }: EncoderManifest): readonly string[] {
  const { outputNames, outputMetadata } = session;
  const place = outputNames.indexOf(output.name);
  if (place < 0) return [`outputs are ${outputNames.join(", ")}, without ${output.name}`];
  return valueProblems(`output ${output.name}`, outputMetadata[place], "float32", [1, output.dimension]);
}

/** `wanted` is the shape for one picture; the graph's own dimensions may be free. */
function valueProblems(
  what: string,
  value: InferenceSession.ValueMetadata | undefined,
  type: string,
  wanted: readonly number[],
): readonly string[] {
  const shape = shapeOf(value);
  const found = value?.isTensor ? `${value.type} [${shape}]` : "not a tensor";
  const fits =
    shape.length === wanted.length && shape.every((each, i) => typeof each === "string" || each === wanted[i]);
  if (value?.isTensor && value.type === type && fits) return [];
  return [`${what} is ${found}, not ${type} [${["batch", ...wanted.slice(1)]}]`];
}

function shapeOf(value: InferenceSession.ValueMetadata | undefined): readonly (number | string)[] {
  return value?.isTensor ? value.shape : [];
}
