import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { planClipCrop } from "../../src/domain/clip-crop.js";
import type { RgbImage } from "../../src/domain/image.js";
import { type MixPixels, mixPixels, resampleBicubic } from "../../src/domain/resample.js";
import { drawFormula, type FormulaKind } from "../support/formula-pictures.js";
import { unlessSkipped } from "../support/skip-by-name.js";

type Row = Readonly<{
  id: string;
  kind: FormulaKind;
  width: number;
  height: number;
  sha256: string;
  samples: string;
}>;
type Golden = Readonly<{ pillow: string; sampleStep: number; whole: readonly string[]; rows: readonly Row[] }>;

const modelSide = 224;
const data = new URL("./data/", import.meta.url);
const golden = JSON.parse(readFileSync(new URL("preprocess.json", data), "utf8")) as Golden;

function preprocess(image: RgbImage, mix: MixPixels): Uint8Array {
  return resampleBicubic(image, planClipCrop(image.width, image.height, { recipe: "clip-exact", side: modelSide }), mix)
    .pixels;
}

/** Every `sampleStep`-th pixel of every `sampleStep`-th row. */
function sample(pixels: Uint8Array): Uint8Array {
  const places = Array.from({ length: modelSide / golden.sampleStep }, (_, at) => at * golden.sampleStep);
  return Uint8Array.from(
    places.flatMap((y) => places.flatMap((x) => [...pixels.subarray((y * modelSide + x) * 3).subarray(0, 3)])),
  );
}

function largestDifference(ours: Uint8Array, theirs: Uint8Array): number {
  return ours.reduce((largest, value, place) => Math.max(largest, Math.abs(value - theirs[place]!)), 0);
}

function equalsPillow(mix: MixPixels): void {
  it.each(golden.rows)("$id is equal in every byte", ({ id, kind, width, height, sha256, samples }) => {
    const ours = preprocess(drawFormula(kind, width, height), mix);
    const atSamples = largestDifference(sample(ours), Buffer.from(samples, "base64"));
    const digest = createHash("sha256").update(ours).digest("hex");
    expect({ id, digest, largestDifferenceAtSamples: atSamples }).toEqual({
      id,
      digest: sha256,
      largestDifferenceAtSamples: 0,
    });
  });

  it.each(golden.whole)("%s is equal as a whole tensor", (id) => {
    const row = golden.rows.find((candidate) => candidate.id === id)!;
    const theirs = gunzipSync(readFileSync(new URL(`preprocess/${id}.rgb.gz`, data)));
    const ours = preprocess(drawFormula(row.kind, row.width, row.height), mix);
    expect(ours.length).toBe(theirs.length);
    expect(largestDifference(ours, theirs)).toBe(0);
  });
}

const name = `clip-exact-224 against Pillow ${golden.pillow}, ${golden.rows.length} pictures drawn by formula`;
describe(`${name}, in TypeScript`, () => {
  equalsPillow(mixPixels);

  it("covers at least a hundred pictures", () => expect(golden.rows.length).toBeGreaterThanOrEqual(100));
});

const faiss = faissAvailability();
unlessSkipped(`${name}, in the addon`, faiss.available ? null : faiss.reason, () => {
  describe(`${name}, in the addon`, () => {
    if (faiss.available) equalsPillow(faiss.addon.mixPixels);
  });
});
