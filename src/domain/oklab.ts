/**
 * Colors as Björn Ottosson's OKLab ("A perceptual color space for image processing", 2020): lightness in [0, 1],
 * then two opponent axes of about [-0.4, 0.4], interleaved. Equal distances look about equally different;
 * 0.02 is a difference one just sees.
 */
export type OklabPixels = Float32Array;

/** Any number of interleaved 8-bit sRGB pixels in OKLab. */
export function toOklab(pixels: Uint8Array): OklabPixels {
  const oklab = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const red = linear[pixels[at]!]!;
    const green = linear[pixels[at + 1]!]!;
    const blue = linear[pixels[at + 2]!]!;
    const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
    const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
    const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
    oklab[at] = 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
    oklab[at + 1] = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short;
    oklab[at + 2] = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short;
  }
  return oklab;
}

/** The sRGB transfer function (IEC 61966-2-1), 8 bits to linear light in [0, 1]. */
const linear = Float64Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});
