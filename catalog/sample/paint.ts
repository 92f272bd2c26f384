import type { Rgb } from "../../src/domain/image.js";

/** The tones that one garment is drawn with, as CSS colors. */
export type Paint = Readonly<{
  base: string;
  light: string;
  shade: string;
  deep: string;
  /** Seams and outlines: darker than the base, or lighter where the base is nearly black. */
  line: string;
  /** Neutral details: buttons, soles, buckles. */
  trim: string;
  metal: string;
}>;

/** Tones around one color. `trim` is a CSS color for neutral details. */
export function toPaint(color: Rgb, trim = "#f1ede4"): Paint {
  const dark = brightness(color) < 0.22;
  return {
    base: toCss(color),
    light: toCss(mix(color, [255, 250, 242], dark ? 0.2 : 0.3)),
    shade: toCss(mix(color, [26, 18, 40], dark ? 0.45 : 0.3)),
    deep: toCss(mix(color, [22, 16, 34], dark ? 0.6 : 0.52)),
    line: dark ? toCss(mix(color, [235, 232, 238], 0.24)) : toCss(mix(color, [24, 18, 36], 0.5)),
    trim,
    metal: "#c9b27c",
  };
}

/** `share` in [0, 1] of the second color in the first. */
export function mix(first: Rgb, second: Rgb, share: number): Rgb {
  const at = (channel: 0 | 1 | 2) => Math.round(first[channel] + (second[channel] - first[channel]) * share);
  return [at(0), at(1), at(2)];
}

export function toCss([red, green, blue]: Rgb): string {
  return `rgb(${red},${green},${blue})`;
}

/** Luma (Rec. 601) in [0, 1]. */
export function brightness([red, green, blue]: Rgb): number {
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}
