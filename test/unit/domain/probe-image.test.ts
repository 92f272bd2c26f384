import { expect, test } from "vitest";
import { probeImage } from "../../../src/domain/probe-image.js";

/** Values by hand from the pattern's definition: [x * 255 div 223, y * 255 div 223, (7x + 13y) mod 256]. */
const cases = [
  { x: 0, y: 0, rgb: [0, 0, 0] },
  { x: 1, y: 0, rgb: [1, 0, 7] },
  { x: 0, y: 1, rgb: [0, 1, 13] },
  { x: 7, y: 100, rgb: [8, 114, 69] },
  { x: 222, y: 111, rgb: [253, 126, 181] },
  { x: 223, y: 223, rgb: [255, 255, 108] },
];

test.each(cases)("has $rgb at column $x of row $y", ({ x, y, rgb }) => {
  const at = (y * 224 + x) * 3;
  expect(Array.from(probeImage(224).pixels.subarray(at, at + 3))).toEqual(rgb);
});

test("ends both ramps at 255 whatever the side", () => {
  const { width, height, pixels } = probeImage(5);
  expect({ width, height, bytes: pixels.length }).toEqual({ width: 5, height: 5, bytes: 75 });
  expect(Array.from(pixels.subarray(72, 74))).toEqual([255, 255]);
});

test.each([1, 0, -3, 2.5, Number.NaN])("has no picture with a side of %s", (side) => {
  expect(() => probeImage(side)).toThrow(RangeError);
});
