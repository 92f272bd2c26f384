import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { EncoderManifest } from "../../src/domain/encoder-manifest.js";
import { probeImage } from "../../src/domain/probe-image.js";
import { type TinyModel, tinyInputName, tinyModel, tinyOutputName, toTinyModelBytes } from "./tiny-model.js";

const side = 224;

/**
 * Writes a complete encoder folder, `encoder.json` and `model.onnx`, whose model really runs: real digest, and a probe
 * computed by running the sound uint8 variant, so that other layouts are checked against it and not against themselves.
 */
export async function writeTinyEncoder(folder: string, options: Partial<TinyModel> = {}): Promise<EncoderManifest> {
  const model = { ...tinyModel, ...options };
  const bytes = toTinyModelBytes(model);
  const common = { name: tinyInputName, layout: model.layout, side } as const;
  const manifest: EncoderManifest = {
    format: "stygig-encoder",
    version: 1,
    name: "tiny",
    file: "model.onnx",
    sha256: createHash("sha256").update(bytes).digest("hex"),
    input:
      model.dtype === "uint8"
        ? { ...common, dtype: "uint8" }
        : { ...common, dtype: "float32", mean: model.mean, std: model.std },
    preprocess: "clip-exact-224",
    output: { name: tinyOutputName, dimension: model.dimension, normalized: model.normalized },
    probe: { pattern: "ramp-v1", embedding: await probeEmbedding(model), minCosine: 0.99 },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, manifest.file), bytes);
  await writeFile(join(folder, "encoder.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
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
  const pixels = new Tensor("uint8", probeImage(side).pixels, [1, side, side, 3]);
  const { [tinyOutputName]: output } = await session.run({ [tinyInputName]: pixels });
  return Array.from(output?.data as Float32Array);
}
