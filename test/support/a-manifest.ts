import type { EncoderManifest } from "../../src/domain/encoder-manifest.js";

/** A valid manifest of a graph with four outputs; no file belongs to it. */
export function aManifest(changes: Partial<EncoderManifest> = {}): EncoderManifest {
  return {
    format: "stygig-encoder",
    version: 1,
    name: "a manifest",
    file: "model.onnx",
    sha256: "0f".repeat(32),
    input: { name: "pixels", layout: "nhwc", dtype: "uint8", side: 224 },
    preprocess: "clip-exact-224",
    output: { name: "embedding", dimension: 4, normalized: true },
    probe: { pattern: "ramp-v1", embedding: [0.6, 0, -0.8, 0], minCosine: 0.99 },
    ...changes,
  };
}
