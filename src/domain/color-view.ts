import { type RgbImage, toRgbImage } from "./image.js";

/** A small copy for color work. `opaque` has one byte a pixel, 1 where the picture is more seen than not; null without alpha. */
export type ColorView = Readonly<{ image: RgbImage; opaque: Uint8Array | null }>;

/**
 * Long side of the small copy: a garment of a fifth of the picture still has over a thousand pixels.
 * With 128 the colors are no better (test/bench/color.ts) and take twice as long.
 */
export const colorViewSide = 96;

/** Samples per cell and direction: sixteen tame the noise of a photograph, and a huge picture costs no more than a small one. */
const samplesAcross = 4;

/**
 * The whole picture, its long side at most `colorViewSide`, each pixel the mean of evenly spaced samples of its cell.
 * `alpha` has one byte a pixel, or is null.
 */
export function toColorView(image: RgbImage, alpha: Uint8Array | null): ColorView {
  const scale = Math.min(1, colorViewSide / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const columns = samplePlaces(image.width, width);
  const rows = samplePlaces(image.height, height);
  const pixels = new Uint8Array(width * height * 3);
  const opaque = alpha === null ? null : new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [red, green, blue, seen, samples] = [0, 0, 0, 0, 0];
      for (let down = y * samplesAcross; down < (y + 1) * samplesAcross; down++) {
        for (let across = x * samplesAcross; across < (x + 1) * samplesAcross; across++) {
          const place = rows[down]! * image.width + columns[across]!;
          red += image.pixels[place * 3]!;
          green += image.pixels[place * 3 + 1]!;
          blue += image.pixels[place * 3 + 2]!;
          seen += alpha === null ? 0 : alpha[place]!;
          samples++;
        }
      }
      const to = y * width + x;
      pixels[to * 3] = red / samples + 0.5;
      pixels[to * 3 + 1] = green / samples + 0.5;
      pixels[to * 3 + 2] = blue / samples + 0.5;
      if (opaque !== null) opaque[to] = seen / samples >= 128 ? 1 : 0;
    }
  }
  return { image: toRgbImage(width, height, pixels), opaque };
}

function samplePlaces(from: number, to: number): Int32Array {
  const count = to * samplesAcross;
  return Int32Array.from({ length: count }, (_, at) => Math.floor(((at + 0.5) * from) / count));
}
