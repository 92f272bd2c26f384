import { describe, expect, it } from "vitest";
import { colorViewSide, toColorView } from "../../../src/domain/color-view.js";
import { toRgbImage } from "../../../src/domain/image.js";
import { drawFormula } from "../../support/formula-pictures.js";

describe("the small copy for color work", () => {
  it.each([
    [400, 533, 72, 96],
    [533, 400, 96, 72],
    [4000, 10, 96, 1],
    [60, 40, 60, 40],
    [1, 1, 1, 1],
  ])("of %ix%i is %ix%i: never larger than the picture", (width, height, newWidth, newHeight) => {
    const { image } = toColorView(drawFormula("gradient", width, height), null);
    expect([image.width, image.height]).toEqual([newWidth, newHeight]);
    expect(Math.max(image.width, image.height)).toBeLessThanOrEqual(colorViewSide);
  });

  it("of a small picture is the picture", () => {
    const small = drawFormula("noise", 40, 30);
    expect(toColorView(small, null).image.pixels).toEqual(small.pixels);
  });

  it("tames noise: the mean of the samples of a cell, rounded", () => {
    const checker = toRgbImage(
      384,
      384,
      Uint8Array.from({ length: 384 * 384 * 3 }, (_, at) => {
        const place = Math.floor(at / 3);
        return (place + Math.floor(place / 384)) % 2 === 0 ? 100 : 201;
      }),
    );
    expect(new Set(toColorView(checker, null).image.pixels)).toEqual(new Set([151]));
  });

  it("says where the picture is more seen than not", () => {
    const image = toRgbImage(4, 1, new Uint8Array(12));
    expect(toColorView(image, Uint8Array.of(0, 127, 128, 255)).opaque).toEqual(Uint8Array.of(0, 0, 1, 1));
    expect(toColorView(image, null).opaque).toBeNull();
  });
});
