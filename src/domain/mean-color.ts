import type { Rgb, RgbImage } from "./image.js";
import { type MixPixels, mixPixels, resampleBicubic } from "./resample.js";

/** V4 took the mean of the picture forced into a square of this side. */
const side = 150;

/**
 * V4's color of a whole picture, background included: resized without keeping its shape, by Pillow's default filter,
 * then the mean of each channel, cut off and not rounded. Equal to V4 when the pixels are those that Pillow decodes.
 */
export function meanColor(image: RgbImage, mix: MixPixels = mixPixels): Rgb {
  const area = { left: 0, top: 0, width: side, height: side };
  const { pixels } = resampleBicubic(image, { width: side, height: side, area }, mix);
  const sums = [0, 0, 0];
  for (let at = 0; at < pixels.length; at++) sums[at % 3]! += pixels[at]!;
  const mean = (channel: number) => Math.trunc(sums[channel]! / (side * side));
  return [mean(0), mean(1), mean(2)];
}
