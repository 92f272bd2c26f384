import { type RgbImage, toRgbImage } from "../../src/domain/image.js";

export const formulaKinds = ["noise", "gradient", "checker", "lines", "disc"] as const;
export type FormulaKind = (typeof formulaKinds)[number];

type Formula = (x: number, y: number, width: number, height: number) => readonly [number, number, number];

/** The same pictures, byte for byte, as `draw` in test/golden/make-preprocess-golden.py. */
const formulas: Readonly<Record<FormulaKind, Formula>> = {
  noise: (x, y, width, height) => {
    const place = (y * width + x) * 3 + width * 65536 + height;
    return [scramble(place) & 255, scramble(place + 1) & 255, scramble(place + 2) & 255];
  },
  gradient: (x, y, width, height) => [
    Math.floor((x * 255) / Math.max(width - 1, 1)),
    Math.floor((y * 255) / Math.max(height - 1, 1)),
    (x + y) & 255,
  ],
  checker: (x, y, width, height) => {
    const cell = ((width + height) % 5) + 1;
    const odd = ((Math.floor(x / cell) + Math.floor(y / cell)) & 1) === 1;
    return odd ? [255, 0, 77] : [13, 200, 255];
  },
  lines: (x, y) => [(x & 1) * 255, (y & 1) * 255, ((Math.floor(x / 3) + y) & 1) * 255],
  disc: (x, y, width, height) => {
    const across = 2 * x + 1 - width;
    const down = 2 * y + 1 - height;
    const edge = Math.floor((Math.min(width, height) * 4) / 5);
    return across * across + down * down < edge * edge ? [180, 20, 60] : [255, 255, 255];
  },
};

/** A picture anyone can draw again from its three words, here and in Python. */
export function drawFormula(kind: FormulaKind, width: number, height: number): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  const formula = formulas[kind];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(formula(x, y, width, height), (y * width + x) * 3);
  }
  return toRgbImage(width, height, pixels);
}

/** Chris Wellons' lowbias32: 32 bits in, 32 well-mixed bits out. */
export function scramble(number: number): number {
  let mixed = number >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
