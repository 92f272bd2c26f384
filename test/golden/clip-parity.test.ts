import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toEmbedding } from "../../src/domain/embedding.js";
import { changedCheckpoint, changesOf } from "../support/changed-checkpoint.js";
import { convertCheckpoint, type Form, forms, withModel } from "../support/clip-conversion.js";
import {
  type ClipGolden,
  clipGoldens,
  type Distance,
  distanceOf,
  drawInputs,
  folderOf,
  readGoldenPhoto,
} from "../support/clip-goldens.js";
import { createImageDecoder } from "../support/compiled-decoder.js";

/** What is promised of fp32. */
const fp32Limits: Distance = { minCosine: 0.99999, maxDifference: 1e-4 };
/** Half precision keeps 11 bits of a value: about three times the most that was seen on these checkpoints. */
const fp16Limits: Distance = { minCosine: 0.99999, maxDifference: 0.003 };
/** Of the length before the norm, as a share of it. */
const lengthTolerance = 1e-5;

const plain: Form = { input: "uint8", operators: "fused" };
const { versions, cases } = clipGoldens;
const embeddingsOf = (rows: readonly Readonly<{ embedding: readonly number[] }>[]) => rows.map((row) => row.embedding);

function expectWithin(found: Distance, limits: Distance): void {
  expect(found.minCosine).toBeGreaterThanOrEqual(limits.minCosine);
  expect(found.maxDifference).toBeLessThanOrEqual(limits.maxDifference);
}

function isWithin(found: Distance, limits: Distance): boolean {
  return found.minCosine >= limits.minCosine && found.maxDifference <= limits.maxDifference;
}

/** The distance from the golden when all pictures by formula share a run. */
async function measure(golden: ClipGolden, folder: string, precision: "fp32" | "fp16"): Promise<Distance> {
  const rows = await withModel(folder, precision, (run) => run(drawInputs(golden), golden.inputs.length));
  return distanceOf(rows.map(toEmbedding), embeddingsOf(golden.inputs));
}

describe(`CLIP towers against transformers ${versions.transformers} and open_clip ${versions.open_clip}`, () => {
  it("have goldens of both kinds of names and both activations", () => {
    const combinations = new Set(cases.map(({ kind, activation }) => `${kind} ${activation}`));
    expect(combinations.size).toBe(4);
  });

  describe.each(cases)("$id", (golden) => {
    it("has the pictures that its golden was made of", () => {
      const area = golden.side * golden.side * 3;
      const pixels = drawInputs(golden);
      const digests = golden.inputs.map((_, i) => digestOf(pixels.subarray(i * area, (i + 1) * area)));
      expect(digests).toEqual(golden.inputs.map(({ sha256 }) => sha256));
    });

    describe.each(forms)("$input, $operators operators", (form) => {
      let folder: string;
      beforeAll(async () => {
        folder = await convertCheckpoint(folderOf(golden), form);
      });

      it("is exact in fp32", async () => {
        expectWithin(await measure(golden, folder, "fp32"), fp32Limits);
      });

      it("is near in fp16", async () => {
        expectWithin(await measure(golden, folder, "fp16"), fp16Limits);
      });

      it("gives rows of the length that its kind has", async () => {
        const rows = await withModel(folder, "fp32", (run) => run(drawInputs(golden), golden.inputs.length));
        const shares = rows.map((row, i) => {
          const wanted = form.input === "uint8" ? 1 : golden.inputs[i]!.length;
          return Math.abs(Math.hypot(...row) / wanted - 1);
        });
        expect(Math.max(...shares)).toBeLessThanOrEqual(lengthTolerance);
      });
    });

    it.each(changesOf(golden))("is missed with %s", async (_, change) => {
      const folder = await convertCheckpoint(await changedCheckpoint(golden, change), plain);
      expect(isWithin(await measure(golden, folder, "fp32"), fp32Limits)).toBe(false);
    });
  });
});

describe("from the bytes of a photo to its embedding", () => {
  const decoder = createImageDecoder({ workers: 1, maxPixels: 1_000_000 });
  afterAll(() => decoder.close());

  describe.each(cases)("$id", (golden) => {
    it("gives what Pillow and the reference give", async () => {
      const folder = await convertCheckpoint(folderOf(golden), plain);
      const views: Uint8Array[] = [];
      for (const { file, recipe } of golden.photos) {
        const preprocess = `${recipe}-${golden.side}` as const;
        const { modelView } = await decoder.decode(readGoldenPhoto(file), { preprocess, meanColor: false });
        views.push(modelView.pixels);
      }
      expect(views.map(digestOf)).toEqual(golden.photos.map(({ sha256 }) => sha256));
      const rows = await withModel(folder, "fp32", (run) => Promise.all(views.map((view) => run(view, 1))));
      expectWithin(distanceOf(rows.flat(), embeddingsOf(golden.photos)), fp32Limits);
    });
  });
});

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
