import type { PreprocessVersion } from "./clip-input.js";

/** One file of an artifact, as its manifest vouches for it. */
export type ArtifactFile = Readonly<{ sha256: string; bytes: number }>;

/**
 * `manifest.json`: what an artifact folder holds. The folder is
 * `manifest.json`, `items.jsonl`, `embeddings.f32` ([items, dimension] float32, little-endian, rows as items),
 * `rules.json`, `calibration.json`, `encoder/` (`encoder.json` and its model file), `index.faiss` where FAISS built
 * it, and `thumbnails/` when asked for. Nothing in it depends on when or where it was built.
 */
export type ArtifactManifest = Readonly<{
  format: "stygig-artifact";
  version: 1;
  /** Every file but the manifest itself, by path relative to the folder, forward slashes. */
  files: Readonly<Record<string, ArtifactFile>>;
  counts: Readonly<{ items: number; categories: Readonly<Record<string, number>>; skipped: number }>;
  dimension: number;
  preprocess: PreprocessVersion;
  /** sha-256 of the encoder's model file. */
  encoderDigest: string;
  encoderName: string;
  /** Which index file the folder holds beside the raw vectors. */
  index: "faiss" | "none";
  colorMethods: readonly ["mean-v4", "dominant-v1"];
  /** Longest side of the thumbnails in pixels; null when there are none. */
  thumbnails: number | null;
}>;
