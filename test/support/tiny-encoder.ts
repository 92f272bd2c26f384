import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { preprocessSide } from "../../src/domain/clip-input.js";
import type { EncoderManifest } from "../../src/domain/encoder-manifest.js";
import type { EncoderModel } from "../../src/domain/encoder-model.js";
import { probeImage } from "../../src/domain/probe-image.js";
import { type TinyModel, tinyInputName, tinyModel, tinyOutputName, toTinyModelBytes } from "./tiny-model.js";

/** One model of a tiny encoder: how its graph differs from the encoder's, and what its entry says beyond the file. */
export type TinyEntry = Readonly<{ entry: TinyEntryFields; graph?: Partial<TinyModel> }>;
type TinyEntryFields = DistributiveOmit<EncoderModel, "file" | "sha256" | "probe">;
type DistributiveOmit<Union, Field extends PropertyKey> = Union extends unknown ? Omit<Union, Field> : never;

const fp32Alone: readonly TinyEntry[] = [{ entry: { precision: "fp32" } }];

/**
 * Writes a complete encoder folder, `encoder.json` and `model.onnx`, whose model really runs: real digest, and a probe
 * computed by running the sound uint8 variant, so that other layouts are checked against it and not against themselves.
 * Further entries are models of their own, in files named after their precision.
 */
export async function writeTinyEncoder(
  folder: string,
  options: Partial<TinyModel> = {},
  entries: readonly TinyEntry[] = fp32Alone,
): Promise<EncoderManifest> {
  const shared = { ...tinyModel, ...options };
  const common = { name: tinyInputName, layout: shared.layout, side: preprocessSide(shared.preprocess) } as const;
  await mkdir(folder, { recursive: true });
  const [first, ...rest] = await Promise.all(entries.map((each) => writeModel(folder, shared, each)));
  const manifest: EncoderManifest = {
    format: "stygig-encoder",
    version: 2,
    name: "tiny",
    input:
      shared.dtype === "uint8"
        ? { ...common, dtype: "uint8" }
        : { ...common, dtype: "float32", mean: shared.mean, std: shared.std },
    preprocess: shared.preprocess,
    output: { name: tinyOutputName, dimension: shared.dimension, normalized: shared.normalized },
    models: [first!, ...rest],
  };
  await writeFile(join(folder, "encoder.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function writeModel(folder: string, shared: TinyModel, { entry, graph }: TinyEntry): Promise<EncoderModel> {
  const model = { ...shared, ...graph };
  const bytes = toTinyModelBytes(model);
  const bits = entry.precision === "int8" ? `.${entry.weightBits}` : "";
  const file = entry.precision === "fp32" ? "model.onnx" : `model.${entry.precision}${bits}.onnx`;
  await writeFile(join(folder, file), bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const probe = { pattern: "ramp-v1", embedding: await probeEmbedding(model), minCosine: 0.99 } as const;
  return { ...entry, file, sha256, probe };
}

async function probeEmbedding(model: TinyModel): Promise<readonly number[]> {
  const flaw = model.flaw === "always-nan" ? "none" : model.flaw;
  const sound: TinyModel = {
    ...model,
    layout: "nhwc",
    dtype: "uint8",
    normalized: true,
    batch: "batch",
    externalFile: null,
    flaw,
  };
  const session = await InferenceSession.create(toTinyModelBytes(sound), { intraOpNumThreads: 1 });
  const side = preprocessSide(model.preprocess);
  const pixels = new Tensor("uint8", probeImage(side).pixels, [1, side, side, 3]);
  const { [tinyOutputName]: output } = await session.run({ [tinyInputName]: pixels });
  return Array.from(output?.data as Float32Array);
}
