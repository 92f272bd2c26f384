import { expect, test } from "vitest";
import { toHsl } from "../../../src/domain/color.js";
import { colorFamilies, colorFamilyOf } from "../../../src/domain/color-family.js";
import type { Rgb } from "../../../src/domain/image.js";

// CSS colors whose names leave no doubt.
const named: readonly (readonly [string, Rgb])[] = [
  ["red", [220, 20, 60]],
  ["orange", [255, 140, 0]],
  ["yellow", [255, 215, 0]],
  ["green", [34, 139, 34]],
  // Emerald.
  ["green", [31, 121, 92]],
  ["teal", [0, 128, 128]],
  ["blue", [65, 105, 225]],
  ["purple", [138, 43, 226]],
  ["pink", [255, 105, 180]],
  ["neutral", [128, 128, 128]],
  ["neutral", [255, 255, 255]],
  ["neutral", [10, 10, 10]],
];

test.each(named)("%s is the family of %j", (family, rgb) => {
  expect(colorFamilyOf(toHsl(rgb))).toBe(family);
});

test("every hue has a family, and every family but neutral a hue", () => {
  const hues = Array.from({ length: 360 }, (_, degrees) => ({ hue: degrees / 360, saturation: 0.8, lightness: 0.5 }));
  expect(new Set(hues.map(colorFamilyOf))).toEqual(new Set(colorFamilies.filter((family) => family !== "neutral")));
});
