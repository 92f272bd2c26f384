import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planClipCrop } from "../../../src/domain/clip-crop.js";
import { type RgbImage, toRgbImage } from "../../../src/domain/image.js";
import { resampleBicubic } from "../../../src/domain/resample.js";

const side = fc.integer({ min: 16, max: 1024 });
const recipe = fc.constantFrom("clip-exact", "clip-hf-exact", "clip-fast");
const runs = { numRuns: 200 };
const edge = fc.integer({ min: 1, max: 40 });
const image: fc.Arbitrary<RgbImage> = fc
  .tuple(edge, edge)
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
      .map((pixels) => toRgbImage(width, height, pixels)),
  );

function whole(width: number, height: number) {
  return { width, height, area: { left: 0, top: 0, width, height } };
}

describe("resampling", () => {
  it("of an area gives the same pixels as cutting the area from the whole", () => {
    const cut = fc.tuple(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }));
    fc.assert(
      fc.property(image, edge, edge, cut, cut, (source, width, height, across, down) => {
        const left = Math.floor(across[0] * width);
        const top = Math.floor(down[0] * height);
        const area = {
          left,
          top,
          width: Math.max(1, Math.floor(across[1] * (width - left))),
          height: Math.max(1, Math.floor(down[1] * (height - top))),
        };
        const all = resampleBicubic(source, whole(width, height));
        const part = resampleBicubic(source, { width, height, area });
        for (let row = 0; row < area.height; row++) {
          const from = ((top + row) * width + left) * 3;
          const expected = all.pixels.subarray(from, from + area.width * 3);
          expect(part.pixels.subarray(row * area.width * 3, (row + 1) * area.width * 3)).toEqual(expected);
        }
      }),
      runs,
    );
  });

  it("to the same size changes nothing", () => {
    fc.assert(
      fc.property(image, (source) => {
        expect(resampleBicubic(source, whole(source.width, source.height)).pixels).toEqual(source.pixels);
      }),
      runs,
    );
  });

  it("keeps a picture of one color, at any size", () => {
    const channel = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(edge, edge, edge, edge, channel, (width, height, newWidth, newHeight, value) => {
        const source = toRgbImage(width, height, new Uint8Array(width * height * 3).fill(value));
        expect(new Set(resampleBicubic(source, whole(newWidth, newHeight)).pixels)).toEqual(new Set([value]));
      }),
      runs,
    );
  });

  it("plans a square that lies inside every resized picture", () => {
    const anyEdge = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(anyEdge, anyEdge, recipe, side, (width, height, recipe, side) => {
        const plan = planClipCrop(width, height, { recipe, side });
        expect(Math.min(plan.width, plan.height)).toBe(side);
        expect(plan.area).toMatchObject({ width: side, height: side });
        expect(plan.area.left).toBeGreaterThanOrEqual(0);
        expect(plan.area.top).toBeGreaterThanOrEqual(0);
        expect(plan.area.left + side).toBeLessThanOrEqual(plan.width);
        expect(plan.area.top + side).toBeLessThanOrEqual(plan.height);
      }),
      runs,
    );
  });

  it("refuses an area that is not inside the resized picture", () => {
    const source = toRgbImage(1, 1, new Uint8Array(3));
    const outside = { width: 4, height: 4, area: { left: 1, top: 0, width: 4, height: 4 } };
    expect(() => resampleBicubic(source, outside)).toThrow(RangeError);
  });
});
