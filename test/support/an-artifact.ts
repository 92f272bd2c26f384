import type { ArtifactManifest } from "../../src/domain/artifact.js";
import type { CatalogItem } from "../../src/domain/catalog.js";
import { toSwatch } from "../../src/domain/color.js";

const file = { sha256: "0f".repeat(32), bytes: 10 };

/** A valid manifest of two items of dimension four; no folder belongs to it. */
export function anArtifactManifest(changes: Readonly<Record<string, unknown>> = {}): ArtifactManifest {
  const manifest = {
    format: "stygig-artifact",
    version: 2,
    files: {
      "calibration.json": file,
      "embeddings.f32": { ...file, bytes: 32 },
      "encoder/encoder.json": file,
      "encoder/model.onnx": file,
      "items.jsonl": file,
      "rules.json": file,
    },
    counts: { items: 2, categories: { footwear_heels: 1, upperwear_shirt: 1 }, skipped: 0 },
    dimension: 4,
    preprocess: "clip-exact-224",
    encoderDigest: "ab".repeat(32),
    encodedBy: { model: "fp32", digest: "cd".repeat(32) },
    encoderName: "tiny",
    index: "none",
    colorMethods: ["mean-v4", "dominant-v1"],
    thumbnails: null,
    ...changes,
  };
  return manifest as unknown as ArtifactManifest;
}

/** A catalog item that says nothing but what it must. */
export function anItem(changes: Partial<CatalogItem> = {}): CatalogItem {
  return {
    row: 0,
    id: "upperwear/shirt/1",
    category: "upperwear_shirt",
    gender: null,
    path: "upperwear/shirt/1.jpg",
    meanColor: [10, 20, 30],
    palette: [toSwatch([200, 30, 40], 0.75), toSwatch([0, 0, 0], 0.25)],
    title: null,
    price: null,
    url: null,
    imageUrl: null,
    ...changes,
  };
}
