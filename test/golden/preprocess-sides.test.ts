import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { planClipCrop } from "../../src/domain/clip-crop.js";
import { type PreprocessVersion, preprocessSide, toPreprocess } from "../../src/domain/clip-input.js";
import { type MixPixels, mixPixels, resampleBicubic } from "../../src/domain/resample.js";
import { drawFormula, type FormulaKind } from "../support/formula-pictures.js";
import { unlessSkipped } from "../support/skip-by-name.js";

type Row = Readonly<{ version: PreprocessVersion; kind: FormulaKind; width: number; height: number; sha256: string }>;
type Golden = Readonly<{ pillow: string; transformers?: string; rows: readonly Row[] }>;

function readGolden(name: string): Golden {
  return JSON.parse(readFileSync(new URL(`./data/${name}.json`, import.meta.url), "utf8")) as Golden;
}

const pillow = readGolden("preprocess-sides");
const huggingFace = readGolden("preprocess-hugging-face");
const rows = [...pillow.rows, ...huggingFace.rows];
const name = `clip-exact at other sides against Pillow ${pillow.pillow}, clip-hf-exact against transformers ${huggingFace.transformers}`;

function preprocess({ version, kind, width, height }: Row, mix: MixPixels): Uint8Array {
  const image = drawFormula(kind, width, height);
  return resampleBicubic(image, planClipCrop(width, height, toPreprocess(version)), mix).pixels;
}

function equalsReference(mix: MixPixels): void {
  it.each(rows)("$version of $kind $width x $height is equal in every byte", (row) => {
    const ours = preprocess(row, mix);
    expect(ours.length).toBe(preprocessSide(row.version) ** 2 * 3);
    expect(createHash("sha256").update(ours).digest("hex")).toBe(row.sha256);
  });
}

describe(`${name}, in TypeScript`, () => {
  equalsReference(mixPixels);

  it("covers the sides of the tests, of B/32 and of L/14@336, and both crops", () => {
    expect([...new Set(rows.map(({ version }) => version))]).toEqual([
      "clip-exact-32",
      "clip-exact-256",
      "clip-exact-336",
      "clip-hf-exact-224",
      "clip-hf-exact-32",
      "clip-hf-exact-256",
      "clip-hf-exact-336",
    ]);
  });

  it("has pictures on which the two crops differ, and some on which they do not", () => {
    const digests = new Set(pillow.rows.map(({ sha256 }) => sha256));
    const ofSameSides = huggingFace.rows.filter(({ version }) => version !== "clip-hf-exact-224");
    const equal = ofSameSides.filter(({ sha256 }) => digests.has(sha256)).length;
    expect(equal).toBeGreaterThan(0);
    expect(ofSameSides.length - equal).toBeGreaterThan(10);
  });
});

const faiss = faissAvailability();
unlessSkipped(`${name}, in the addon`, faiss.available ? null : faiss.reason, () => {
  describe(`${name}, in the addon`, () => {
    if (faiss.available) equalsReference(faiss.addon.mixPixels);
  });
});
