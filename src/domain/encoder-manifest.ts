import type { PreprocessVersion } from "./clip-input.js";

/** `encoder.json`: everything the server must know to run a model file and to prove that it is the right one. */
export type EncoderManifest = Readonly<{
  format: "stygig-encoder";
  version: 1;
  name: string;
  /** Model file beside the manifest, and the sha-256 of its bytes in lower-case hex. */
  file: string;
  sha256: string;
  input: Readonly<{ name: string; layout: "nhwc" | "nchw"; dtype: "uint8" | "float32"; side: number }>;
  preprocess: PreprocessVersion;
  output: Readonly<{ name: string; dimension: number; normalized: boolean }>;
  /** Reference embedding of a computed picture; below `minCosine` on the provider in use the encoder refuses to start. */
  probe: Readonly<{ pattern: "ramp-v1"; embedding: readonly number[]; minCosine: number }>;
}>;
