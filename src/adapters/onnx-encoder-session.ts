import { InferenceSession, Tensor } from "onnxruntime-node";
import type { EncoderManifest } from "../domain/encoder-manifest.js";
import type { EncoderModel } from "../domain/encoder-model.js";
import { readModelBytes } from "./encoder-files.js";
import { toTensorValues } from "./onnx-encoder-input.js";

/** Where a session may run, as ONNX Runtime names it. */
export type Provider = "cpu" | "cuda";

export type SessionOptions = Readonly<{
  manifest: EncoderManifest;
  /** One of the manifest's, and where it lies. */
  model: EncoderModel;
  modelFile: string;
  provider: Provider;
  threads: number;
}>;

/** [count, side, side, 3] bytes -> [count, dimension] floats, straight from the graph. */
type EncodeRows = (pixels: Uint8Array, count: number) => Promise<Float32Array>;

export type EncoderSession = Readonly<{
  encodeRows: EncodeRows;
  /** False when the graph's batch dimension is fixed to 1. */
  takesBatches: boolean;
}>;

/**
 * Opens a session on the verified bytes of the model and holds its input and output against the manifest.
 * @throws Error with one line: unreadable or changed file, no such provider, not a model, other names or shapes.
 */
export async function openSession(options: SessionOptions): Promise<EncoderSession> {
  const { manifest, model, modelFile, provider, threads } = options;
  // From bytes and not from the path: what was verified is what runs.
  const bytes = await readModelBytes(modelFile, model.sha256);
  const session = await InferenceSession.create(bytes, {
    executionProviders: [provider],
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
    // Errors and worse; what matters arrives as an exception anyway.
    logSeverityLevel: 3,
  });
  const problems = [...inputProblems(session, manifest), ...outputProblems(session, manifest)];
  if (problems.length > 0) throw new Error(`the graph is not what the manifest says: ${problems.join("; ")}`);
  return {
    encodeRows: (pixels, count) => run(session, manifest, pixels, count),
    takesBatches: typeof shapeOf(session.inputMetadata[0])[0] !== "number",
  };
}

async function run(
  session: InferenceSession,
  { input, output }: EncoderManifest,
  pixels: Uint8Array,
  count: number,
): Promise<Float32Array> {
  const { side } = input;
  const dims = input.layout === "nhwc" ? [count, side, side, 3] : [count, 3, side, side];
  const tensor = new Tensor(input.dtype, toTensorValues(pixels, count, input), dims);
  const { [output.name]: result } = await session.run({ [input.name]: tensor }, [output.name]);
  // A free dimension promises nothing before it runs.
  if (result?.type !== "float32" || result.dims.join() !== [count, output.dimension].join()) {
    throw new Error(`the graph gave ${result?.type} [${result?.dims}], not float32 [${count},${output.dimension}]`);
  }
  return result.data as Float32Array;
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
