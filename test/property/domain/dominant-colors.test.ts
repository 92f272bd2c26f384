import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toColorView } from "../../../src/domain/color-view.js";
import { dominantColors } from "../../../src/domain/dominant-colors.js";
import { type RgbImage, toRgbImage } from "../../../src/domain/image.js";
import { meanColor } from "../../../src/domain/mean-color.js";

const runs = { numRuns: 200 };
const edge = fc.integer({ min: 1, max: 24 });
const image: fc.Arbitrary<RgbImage> = fc.tuple(edge, edge).chain(([width, height]) => {
  const length = width * height * 3;
  return fc.uint8Array({ minLength: length, maxLength: length }).map((pixels) => toRgbImage(width, height, pixels));
});
const count = fc.integer({ min: 1, max: 5 });

describe("the colors of any picture", () => {
  it("are at least one and at most as many as asked for, by falling share, all shares together at most one", () => {
    fc.assert(
      fc.property(image, count, (picture, wanted) => {
        const colors = dominantColors(picture, wanted);
        const shares = colors.map(({ share }) => share);
        expect(colors.length).toBeGreaterThanOrEqual(1);
        expect(colors.length).toBeLessThanOrEqual(wanted);
        expect(shares).toEqual([...shares].sort((one, other) => other - one));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      runs,
    );
  });

  it("are the same each time, and fewer are the first of more", () => {
    fc.assert(
      fc.property(image, count, (picture, wanted) => {
        expect(dominantColors(picture, wanted)).toEqual(dominantColors(picture, 5).slice(0, wanted));
      }),
      runs,
    );
  });

  it("lie within the darkest and lightest value of each channel", () => {
    fc.assert(
      fc.property(image, (picture) => {
        for (const { rgb } of dominantColors(picture, 5)) {
          for (const channel of [0, 1, 2] as const) {
            const values = picture.pixels.filter((_, at) => at % 3 === channel);
            expect(rgb[channel]).toBeGreaterThanOrEqual(Math.min(...values));
            expect(rgb[channel]).toBeLessThanOrEqual(Math.max(...values));
          }
        }
      }),
      runs,
    );
  });

  it("do not depend on an alpha channel that hides nothing", () => {
    fc.assert(
      fc.property(image, (picture) => {
        const alpha = new Uint8Array(picture.width * picture.height).fill(255);
        const { image: view, opaque } = toColorView(picture, alpha);
        expect(dominantColors(view, 3, opaque)).toEqual(dominantColors(picture, 3));
      }),
      runs,
    );
  });
});

describe("the mean color", () => {
  it("of a picture of one color is that color, at any size", () => {
    const channel = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(edge, edge, channel, channel, channel, (width, height, ...color) => {
        const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => color[at % 3]!);
        expect(meanColor(toRgbImage(width, height, pixels))).toEqual(color);
      }),
      runs,
    );
  });
});
