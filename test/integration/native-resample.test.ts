import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { planClipCrop } from "../../src/domain/clip-crop.js";
import { type AxisWeights, type MixPixels, mixPixels, resampleBicubic } from "../../src/domain/resample.js";
import { drawFormula } from "../support/formula-pictures.js";
import { unlessSkipped } from "../support/skip-by-name.js";

const faiss = faissAvailability();
const name = "the addon's resampling";

unlessSkipped(name, faiss.available ? null : faiss.reason, () => {
  describe(name, () => {
    const native: MixPixels = faiss.available ? faiss.addon.mixPixels : mixPixels;

    it.each([
      [64, 48, 20, 30],
      [5, 7, 33, 29],
      [1, 1, 3, 2],
      [300, 3, 7, 3],
      [37, 91, 37, 10],
    ])(
      "of %ix%i to %ix%i gives TypeScript's bytes, at sizes that no block fits",
      (width, height, toWidth, toHeight) => {
        const image = drawFormula("noise", width, height);
        const plan = {
          width: toWidth,
          height: toHeight,
          area: { left: 0, top: 0, width: toWidth, height: toHeight },
        };
        expect(resampleBicubic(image, plan, native)).toEqual(resampleBicubic(image, plan));
      },
    );

    it("gives TypeScript's bytes for any picture and any side", () => {
      // Small sides and edges most of the time, where the ends are; the largest ones now and then.
      const edge = fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 1, max: 90 }) },
        fc.integer({ min: 91, max: 900 }),
      );
      const side = fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 16, max: 99 }) },
        fc.integer({ min: 100, max: 1024 }),
      );
      const recipe = fc.constantFrom("clip-exact", "clip-hf-exact");
      const kind = fc.constantFrom("noise", "lines");
      fc.assert(
        fc.property(kind, edge, edge, recipe, side, (kind, width, height, recipe, side) => {
          const image = drawFormula(kind, width, height);
          const plan = planClipCrop(width, height, { recipe, side });
          const [ours, reference] = [resampleBicubic(image, plan, native), resampleBicubic(image, plan)];
          // Megabytes: equality of buffers takes a millisecond, a deep one seconds.
          expect(Buffer.compare(ours.pixels, reference.pixels)).toBe(0);
          expect(ours.pixels.length).toBe(side * side * 3);
        }),
        { numRuns: 100 },
      );
    });

    const one: AxisWeights = {
      starts: Int32Array.of(0),
      counts: Int32Array.of(1),
      weights: Int32Array.of(1 << 22),
      stride: 1,
    };
    const gray = Uint8Array.of(1, 2, 3);

    it("copies a pixel at full weight", () => expect(native(gray, 1, one, one)).toEqual(gray));

    it.each([
      ["inputs beyond the picture", { ...one, counts: Int32Array.of(2), stride: 2, weights: Int32Array.of(1, 1) }],
      ["inputs before it", { ...one, starts: Int32Array.of(-1) }],
      ["no inputs", { ...one, counts: Int32Array.of(0) }],
      ["fewer weights than the stride says", { ...one, stride: 3 }],
      ["no positions", { starts: new Int32Array(), counts: new Int32Array(), weights: new Int32Array(), stride: 1 }],
      [
        "inputs that go backwards",
        { starts: Int32Array.of(0, -1), counts: Int32Array.of(1, 1), weights: Int32Array.of(1, 1), stride: 1 },
      ],
    ])("refuses weights with %s", (_, weights) => {
      expect(() => native(gray, 1, weights, one)).toThrow(RangeError);
      expect(() => native(gray, 1, one, weights)).toThrow(RangeError);
    });

    it.each([
      [new Uint8Array(0), 1],
      [new Uint8Array(4), 1],
      [gray, 0],
      [gray, 2],
      [gray, -1],
    ])("refuses %o as rows of %i pixels", (pixels, width) => {
      expect(() => native(pixels, width, one, one)).toThrow(RangeError);
    });

    it("refuses other types", () => {
      const floats = new Float32Array(3) as unknown as Uint8Array;
      expect(() => native(floats, 1, one, one)).toThrow(TypeError);
      expect(() => native(gray, 1, { ...one, starts: [0] as unknown as Int32Array }, one)).toThrow(TypeError);
      expect(() => native(gray, 1, null as unknown as AxisWeights, one)).toThrow(TypeError);
    });
  });
});
