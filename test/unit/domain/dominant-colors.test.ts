import { describe, expect, it } from "vitest";
import { dominantColors } from "../../../src/domain/dominant-colors.js";
import { type Rgb, type RgbImage, toRgbImage } from "../../../src/domain/image.js";
import { scramble } from "../../support/formula-pictures.js";

type ColorAt = (x: number, y: number) => Rgb;

function paint(width: number, height: number, colorAt: ColorAt): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let place = 0; place < width * height; place++) {
    pixels.set(colorAt(place % width, Math.floor(place / width)), place * 3);
  }
  return toRgbImage(width, height, pixels);
}

const blue: Rgb = [40, 60, 160];
const isGarment = (x: number, y: number) => x >= 30 && x < 70 && y >= 30 && y < 90;
const on = (background: ColorAt, garment: ColorAt) =>
  paint(96, 128, (x, y) => (isGarment(x, y) ? garment(x, y) : background(x, y)));

describe("the dominant colors of a picture", () => {
  it.each([
    ["white", () => [255, 255, 255]],
    ["gray", () => [128, 128, 128]],
    ["black", () => [0, 0, 0]],
    ["a gradient", (x, y) => [x + y, 120 - x, 60 + y]],
    ["noise", (x, y) => [scramble(x * 999 + y) & 255, scramble(x * 777 + y) & 255, scramble(x * 555 + y) & 255]],
    ["wood", (x) => (x % 17 < 2 ? [70, 45, 30] : [170 + (x % 5) * 4, 130, 85])],
  ] satisfies [string, ColorAt][])("are the garment's alone, on %s", (_, background) => {
    const [first, ...others] = dominantColors(
      on(background, () => blue),
      3,
    );
    expect(first).toMatchObject({ rgb: blue });
    expect(first.share).toBeGreaterThan(0.95);
    expect(others.length).toBeLessThanOrEqual(2);
  });

  it("come with their share of the garment, largest first, as many as asked for", () => {
    const striped = on(
      () => [255, 255, 255],
      (x) => (x % 10 < 6 ? blue : x % 10 < 9 ? [220, 180, 20] : [150, 20, 30]),
    );
    const three = dominantColors(striped, 3);
    expect(three.map(({ rgb }) => rgb)).toEqual([blue, [220, 180, 20], [150, 20, 30]]);
    expect(three.map(({ share }) => Math.round(share * 10))).toEqual([6, 3, 1]);
    expect(dominantColors(striped, 2)).toEqual(three.slice(0, 2));
  });

  it("count one cloth in light and shadow once", () => {
    const folded = on(
      () => [255, 255, 255],
      (x) => (x % 8 < 5 ? blue : [30, 47, 128]),
    );
    expect(dominantColors(folded, 3)).toMatchObject([{ rgb: blue, share: 1 }]);
  });

  it("keep a gray shadow apart from a pale blue", () => {
    const shaded = on(
      () => [255, 255, 255],
      (x) => (x < 55 ? [84, 115, 161] : [116, 115, 117]),
    );
    expect(dominantColors(shaded, 3)).toHaveLength(2);
  });

  it("of a picture of one color are that color, with a share of one", () => {
    expect(
      dominantColors(
        paint(7, 5, () => [9, 8, 7]),
        3,
      ),
    ).toMatchObject([{ rgb: [9, 8, 7], share: 1 }]);
    expect(
      dominantColors(
        paint(1, 1, () => [9, 8, 7]),
        3,
      ),
    ).toMatchObject([{ rgb: [9, 8, 7], share: 1 }]);
  });

  it("of a white garment on white are white", () => {
    expect(
      dominantColors(
        on(
          () => [255, 255, 255],
          () => [252, 252, 252],
        ),
        3,
      )[0].rgb[0],
    ).toBeGreaterThan(245);
  });

  it("go by a cut-out where there is one, even against the looks", () => {
    const image = paint(40, 40, (x) => (x < 20 ? [200, 30, 30] : [30, 30, 200]));
    const opaque = Uint8Array.from({ length: 1600 }, (_, place) => (place % 40 < 15 ? 1 : 0));
    expect(dominantColors(image, 3, opaque)).toMatchObject([{ rgb: [200, 30, 30], share: 1 }]);
  });

  it.each([
    ["all opaque", 1],
    ["all transparent", 0],
  ])("ignore a cut-out that is %s", (_, value) => {
    const image = on(
      () => [255, 255, 255],
      () => blue,
    );
    expect(dominantColors(image, 3, new Uint8Array(96 * 128).fill(value))).toEqual(dominantColors(image, 3));
  });
});
