import type { RgbImage } from "./image.js";

/**
 * The `ramp-v1` picture, `side` square: red rises to the right, green downwards, blue repeats in slanted stripes.
 * Computed, so that every encoder folder can be checked without a picture file; the training scripts compute the same.
 * @throws RangeError for a side below 2, where the ramps have no end.
 */
export function probeImage(side: number): RgbImage {
  if (!Number.isInteger(side) || side < 2) throw new RangeError(`a ramp needs a side of at least 2, not ${side}`);
  const pixels = new Uint8Array(side * side * 3);
  const end = side - 1;
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      pixels[at] = Math.floor((x * 255) / end);
      pixels[at + 1] = Math.floor((y * 255) / end);
      pixels[at + 2] = (x * 7 + y * 13) % 256;
    }
  }
  return { width: side, height: side, pixels };
}
