/**
 * A decoded picture: 8-bit sRGB, three interleaved channels, row-major from the top left.
 * Invariant: `pixels.length === width * height * 3`.
 */
export type RgbImage = Readonly<{ width: number; height: number; pixels: Uint8Array }>;

/** Three channels, each a whole number in 0..255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** @throws RangeError when the buffer does not hold exactly width x height x 3 bytes: a caller's bug. */
export function toRgbImage(width: number, height: number, pixels: Uint8Array): RgbImage {
  if (width < 1 || height < 1 || pixels.length !== width * height * 3) {
    throw new RangeError(`a ${width}x${height} picture needs ${width * height * 3} bytes, not ${pixels.length}`);
  }
  return { width, height, pixels };
}
