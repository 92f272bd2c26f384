import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toTensorValues } from "../src/adapters/onnx-encoder-input.js";
import { openOnnxOutputs } from "../src/adapters/onnx-outputs.js";
import type { PreprocessVersion } from "../src/domain/clip-input.js";
import { toEmbedding } from "../src/domain/embedding.js";
import {
  type EncoderInput,
  type EncoderManifest,
  type EncoderSource,
  encoderFormat,
  encoderVersion,
} from "../src/domain/encoder-manifest.js";
import type { EncoderModel, LayerInFp32 } from "../src/domain/encoder-model.js";
import { probeImage } from "../src/domain/probe-image.js";
import { type Calibration, type CalibrationPictures, calibrate } from "./clip/calibration.js";
import type { Operators } from "./clip/linear.js";
import type { InputKind } from "./clip/patches.js";
import { quantizeVision } from "./clip/quantize-vision.js";
import type { PixelStatistics } from "./clip/vision-config.js";
import { buildVisionGraph, type GraphPrecision, graphEnds } from "./clip/vision-graph.js";
import type { VisionWeights } from "./clip/vision-weights.js";
import { writeOnnx } from "./graph/write-onnx.js";

/** The models that can be asked for, as `toModelName` names them. */
export const modelKinds = ["fp32", "fp16", "int8", "int8-7bit"] as const;
export type ModelKind = (typeof modelKinds)[number];

/** Everything that decides an encoder folder. */
export type EncoderPlan = Readonly<{
  name: string;
  source: EncoderSource;
  preprocess: PreprocessVersion;
  weights: VisionWeights;
  statistics: PixelStatistics;
  input: InputKind;
  operators: Operators;
  models: readonly [ModelKind, ...ModelKind[]];
  /** What int8 is calibrated on. */
  pictures: CalibrationPictures;
  smooth: boolean;
  minMedianCosine: number;
  threads: number;
  /** Told what happens, one line each. */
  report: (line: string) => void;
}>;

/** A session whose probe embedding is further off than this is not running the model that was written. */
const minProbeCosine = 0.99;
/** Enough to tell any wrong number, in a third of the bytes. */
const probeDigits = 6;

/** How many of a kind's worst sites stay in floats at least, however well it does; usually none. */
export type LeastInFp32 = ReadonlyMap<ModelKind, number>;

/** Writes one encoder folder, and again what has to change. */
export type EncoderWriter = Readonly<{
  /** Writes the models that are not there yet, or not with as many sites in floats, and `encoder.json`. */
  write: (leastInFp32?: LeastInFp32) => Promise<EncoderManifest>;
}>;

/**
 * A writer into an empty folder. Its `write` throws Error with one line a problem: weights that a precision cannot
 * hold, a file beyond what ONNX can be.
 */
export function createEncoderWriter(folder: string, plan: EncoderPlan): EncoderWriter {
  const calibration = calibrateOnce(folder, plan);
  const written = new Map<ModelKind, Readonly<{ least: number; model: EncoderModel }>>();
  return {
    write: async (leastInFp32 = new Map()) => {
      for (const kind of plan.models) {
        const least = leastInFp32.get(kind) ?? 0;
        if ((written.get(kind)?.least ?? -1) >= least) continue;
        written.set(kind, { least, model: await writeModel(folder, kind, least, plan, calibration) });
      }
      const manifest = toManifest(
        plan,
        plan.models.map((kind) => written.get(kind)!.model),
      );
      await writeFile(join(folder, "encoder.json"), `${JSON.stringify(manifest, null, 2)}\n`);
      return manifest;
    },
  };
}

async function writeModel(
  folder: string,
  kind: ModelKind,
  leastInFp32: number,
  plan: EncoderPlan,
  calibration: () => Promise<Calibration>,
): Promise<EncoderModel> {
  const { weights, precision, layersInFp32 } = await prepare(folder, kind, leastInFp32, plan, calibration);
  const file = `model.${kind}.onnx`;
  const { graph } = buildVisionGraph(weights, { ...plan, precision, withSites: false });
  const { bytes, sha256 } = await writeOnnx(join(folder, file), graph);
  plan.report(`wrote ${file}, ${bytes} bytes`);
  const embedding = await probeEmbedding(join(folder, file), plan);
  const probe = { pattern: "ramp-v1", embedding, minCosine: minProbeCosine } as const;
  return toModel(kind, { file, sha256, probe }, layersInFp32);
}

/** One calibration serves every number of bits. */
function calibrateOnce(folder: string, plan: EncoderPlan): () => Promise<Calibration> {
  let first: Promise<Calibration> | null = null;
  return () => {
    if (first === null) plan.report("calibrating int8");
    first ??= calibrate(join(folder, "calibration.onnx"), plan, plan.pictures);
    return first;
  };
}

type Prepared = Readonly<{
  weights: VisionWeights;
  precision: GraphPrecision;
  layersInFp32: readonly LayerInFp32[];
}>;

async function prepare(
  folder: string,
  kind: ModelKind,
  leastInFp32: number,
  plan: EncoderPlan,
  calibration: () => Promise<Calibration>,
): Promise<Prepared> {
  if (kind === "fp32" || kind === "fp16") {
    return { weights: plan.weights, precision: { kind: kind === "fp32" ? "float32" : "float16" }, layersInFp32: [] };
  }
  const bits = kind === "int8" ? 8 : 7;
  const draft = join(folder, "quantizing.onnx");
  const quantized = await quantizeVision(draft, plan.weights, await calibration(), { ...plan, bits, leastInFp32 });
  const { sites, layersInFp32, medianCosine } = quantized;
  const kept = layersInFp32.length === 0 ? "" : `; ${layersInFp32.length} of ${sites} inputs stay in floats`;
  plan.report(`${kind}: median cosine ${medianCosine.toFixed(5)} on the calibration pictures${kept}`);
  return quantized;
}

async function probeEmbedding(file: string, plan: EncoderPlan): Promise<readonly number[]> {
  const input = toInput(plan);
  const { side } = input;
  const network = await openOnnxOutputs(file, plan.threads);
  try {
    const values = toTensorValues(probeImage(side).pixels, 1, input);
    const outputs = await network.run(values, input.layout === "nhwc" ? [1, side, side, 3] : [1, 3, side, side]);
    const embedding = toEmbedding(outputs.get(graphEnds[plan.input].output)!);
    return Array.from(embedding, (value) => Number(value.toPrecision(probeDigits)));
  } finally {
    await network.close();
  }
}

function toInput({ input, weights, statistics }: EncoderPlan): EncoderInput {
  const { side } = weights.config;
  const name = graphEnds[input].input;
  return input === "uint8"
    ? { name, layout: "nhwc", dtype: "uint8", side }
    : { name, layout: "nchw", dtype: "float32", side, ...statistics };
}

type ModelFile = Pick<EncoderModel, "file" | "sha256" | "probe">;

function toModel(kind: ModelKind, file: ModelFile, layersInFp32: readonly LayerInFp32[]): EncoderModel {
  if (kind === "fp32" || kind === "fp16") return { precision: kind, ...file };
  const kept = layersInFp32.length === 0 ? {} : { layersInFp32 };
  return { precision: "int8", weightBits: kind === "int8" ? 8 : 7, ...file, ...kept };
}

function toManifest(plan: EncoderPlan, [first, ...rest]: readonly EncoderModel[]): EncoderManifest {
  if (first === undefined) throw new RangeError("an encoder has at least one model");
  return {
    format: encoderFormat,
    version: encoderVersion,
    name: plan.name,
    input: toInput(plan),
    preprocess: plan.preprocess,
    output: {
      name: graphEnds[plan.input].output,
      dimension: plan.weights.config.dimension,
      normalized: plan.input === "uint8",
    },
    models: [first, ...rest],
    source: plan.source,
  };
}
