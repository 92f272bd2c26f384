import type { Rgb } from "./image.js";

/**
 * Hue in turns [0, 1); saturation and lightness in [0, 1] up to a rounding step. Hue is 0 for grays.
 * Degrees are for display only.
 */
export type Hsl = Readonly<{ hue: number; saturation: number; lightness: number }>;

/** A palette entry. `share` is the fraction of garment pixels, in (0, 1]. */
export type Swatch = Readonly<{ rgb: Rgb; hsl: Hsl; share: number }>;

/**
 * RGB to HSL with the operations, and so the bits, of CPython 3.10's `colorsys.rgb_to_hls`.
 * Later CPython writes `2 - max - min` where this has `2 - (max + min)`: for 432 colors that flips `isNeutral`.
 */
export function toHsl([red8, green8, blue8]: Rgb): Hsl {
  const red = red8 / 255;
  const green = green8 / 255;
  const blue = blue8 / 255;
  const max = Math.max(red, green, blue);
  const min = Math.min(red, green, blue);
  const sum = max + min;
  const range = max - min;
  const lightness = sum / 2;
  if (min === max) return { hue: 0, saturation: 0, lightness };
  const saturation = lightness <= 0.5 ? range / sum : range / (2 - sum);
  return { hue: hueOf(red, green, blue, max, range), saturation, lightness };
}

function hueOf(red: number, green: number, blue: number, max: number, range: number): number {
  const redGap = (max - red) / range;
  const greenGap = (max - green) / range;
  const blueGap = (max - blue) / range;
  const sextant = red === max ? blueGap - greenGap : green === max ? 2 + redGap - blueGap : 4 + greenGap - redGap;
  const turns = sextant / 6;
  // Python's modulo takes the sign of the divisor; only values below zero need the turn added.
  return turns < 0 ? (turns % 1) + 1 : turns % 1;
}

/** Too gray, too dark or too light for its hue to matter (V4's borders, strict). */
export function isNeutral({ saturation, lightness }: Hsl): boolean {
  return saturation < 0.2 || lightness < 0.1 || lightness > 0.9;
}

/** Shortest way around the wheel, in turns [0, 0.5]. Exactly 0.5 is reached by opposite hues. */
export function hueDistance(first: Hsl, second: Hsl): number {
  return turnsApart(first.hue, second.hue);
}

/** `hueDistance` of bare hues. */
export function turnsApart(first: number, second: number): number {
  const apart = Math.abs(first - second);
  return apart > 0.5 ? 1 - apart : apart;
}

/** A palette entry of this color. @throws RangeError when the share is not in (0, 1]. */
export function toSwatch(rgb: Rgb, share: number): Swatch {
  if (!(share > 0 && share <= 1)) throw new RangeError(`a swatch's share is in (0, 1], not ${share}`);
  return { rgb, hsl: toHsl(rgb), share };
}
