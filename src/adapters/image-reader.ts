import sharp, { type Metadata, type Sharp, type SharpOptions } from "sharp";
import { declaredPixels } from "../domain/declared-pixels.js";
import type { Size } from "../domain/downscale.js";
import { ServiceError } from "../domain/errors.js";
import { isSrgbProfile } from "../domain/icc-profile.js";
import { type RgbImage, toRgbImage } from "../domain/image.js";
import { type ImageFormat, sniffImageFormat } from "../domain/image-format.js";
import type { ResizePlan } from "../domain/resample.js";

/** What the header says. `isPlain`: decoding needs no turning, no color conversion and no choice about alpha. */
export type ImageHeader = Readonly<{ format: ImageFormat; metadata: Metadata; ignoreIcc: boolean; isPlain: boolean }>;

/** A picture in full size. `alpha` has one byte a pixel; null when the file has none. */
export type FullImage = Readonly<{ image: RgbImage; alpha: Uint8Array | null }>;

/** A file that keeps a decoder busy for longer is no photo of a garment. */
const decodeTimeoutSeconds = 10;

/** From about 2^25 on libvips refuses to resize to such an edge; only a line of pixels, enlarged, has one. */
const longestFastEdge = 2 ** 24;

/** One thread a worker and nothing kept: the pool is what runs pictures side by side, and no picture comes twice. */
sharp.concurrency(1);
sharp.cache(false);

/**
 * Reads the header alone, so that nothing is allocated for a tiny file that declares a huge picture.
 * @throws ServiceError `image_undecodable` | `image_too_many_pixels`
 */
export async function readHeader(bytes: Uint8Array, maxPixels: number): Promise<ImageHeader> {
  const format = sniffImageFormat(bytes);
  if (format === null) throw new ServiceError("image_undecodable", { reason: "not a picture of a supported format" });
  // Sides beyond what libvips counts it takes for 1 in an AVIF, and says so on stderr, where lines are none of ours.
  requireFewPixels(declaredPixels(bytes) ?? 0, maxPixels);
  const metadata = await orUndecodable(format, () => sharp(bytes, { limitInputPixels: false }).metadata());
  const { width, height, icc, orientation = 1, space, depth, hasAlpha } = metadata;
  requireFewPixels(width * height, maxPixels);
  const ignoreIcc = icc === undefined || isSrgbProfile(icc);
  const isPlain =
    ignoreIcc && orientation === 1 && !hasAlpha && depth === "uchar" && (space === "srgb" || space === "b-w");
  return { format, metadata, ignoreIcc, isPlain };
}

function requireFewPixels(pixels: number, maxPixels: number): void {
  if (pixels > maxPixels) throw new ServiceError("image_too_many_pixels", { pixels, max_pixels: maxPixels });
}

/**
 * The first frame, upright by its EXIF orientation, its ICC profile applied, transparency laid on white.
 * CMYK goes through its profile, or libvips' generic one; 16 bits are scaled to 8. With a `size`, upright too, it is
 * shrunk to that, formats that can while they are decoded.
 * @throws ServiceError `image_undecodable`, for a file that is cut short, too
 */
export async function readUpright(
  bytes: Uint8Array,
  { format, ignoreIcc }: ImageHeader,
  size: Size | null = null,
): Promise<FullImage> {
  const { data, info } = await orUndecodable(format, () => {
    const picture = open(bytes, { ignoreIcc, autoOrient: true });
    const sized = size === null ? picture : picture.resize(size.width, size.height, { fit: "fill" });
    return sized.toColourspace("srgb").raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  });
  const { width, height, channels } = info;
  return channels === 4
    ? layOnWhite(width, height, data)
    : { image: toRgbImage(width, height, asBytes(data)), alpha: null };
}

/**
 * The pixels that V4 saw: as Pillow 9.4 opens a file and converts it to RGB. Not turned, profiles ignored, alpha
 * dropped and not blended, 16-bit gray clipped and not scaled, CMYK by Pillow's plain formula.
 * @throws ServiceError `image_undecodable`
 */
export async function readAsPillow(bytes: Uint8Array, { format, metadata }: ImageHeader): Promise<RgbImage> {
  const { width, height, space, hasAlpha } = metadata;
  const picture = open(bytes, { ignoreIcc: true });
  if (space === "cmyk") {
    const inks = picture.pipelineColourspace("cmyk").toColourspace("cmyk").raw();
    return toRgbImage(width, height, mixInks(await toBytes(format, inks)));
  }
  if (space === "grey16" && !hasAlpha) {
    const grays = picture.toColourspace("grey16").raw({ depth: "ushort" });
    return toRgbImage(width, height, clipGrays(await toBytes(format, grays)));
  }
  return toRgbImage(width, height, await toBytes(format, picture.removeAlpha().toColourspace("srgb").raw()));
}

/** Whether sharp can resize that far. */
export function canResampleFast({ width, height }: ResizePlan): boolean {
  return Math.max(width, height) <= longestFastEdge;
}

/**
 * The quick way to a model's view, within about half a step of 255 of the exact one on average:
 * sharp to the exact size with its cubic kernel, then the same crop.
 */
export async function resampleFast(image: RgbImage, { width, height, area }: ResizePlan): Promise<RgbImage> {
  const data = await sharp(image.pixels, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .extract(area)
    .raw()
    .toBuffer();
  // A copy: from Node 24 on, memory that sharp has allocated cannot be moved to another thread.
  return toRgbImage(area.width, area.height, new Uint8Array(data));
}

/**
 * `failOn: "error"`: a file that is cut short or does not decompress is refused; one with odd but harmless
 * metadata, as phones and editors write, is read, as Pillow reads it.
 */
function open(bytes: Uint8Array, options: SharpOptions): Sharp {
  return sharp(bytes, { failOn: "error", limitInputPixels: false, ...options }).timeout({
    seconds: decodeTimeoutSeconds,
  });
}

async function toBytes(format: ImageFormat, picture: Sharp): Promise<Uint8Array> {
  return asBytes(await orUndecodable(format, () => picture.toBuffer()));
}

function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Whatever sharp throws is about the picture: its own options are fixed above. */
async function orUndecodable<Result>(format: ImageFormat, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new ServiceError("image_undecodable", { format }, error);
  }
}

/** RGBA to RGB on white, rounded to the nearest step. */
function layOnWhite(width: number, height: number, rgba: Buffer): FullImage {
  const pixels = new Uint8Array(width * height * 3);
  const alpha = new Uint8Array(width * height);
  for (let place = 0; place < alpha.length; place++) {
    const opacity = rgba[place * 4 + 3]!;
    const white = 255 * (255 - opacity);
    alpha[place] = opacity;
    for (let channel = 0; channel < 3; channel++) {
      pixels[place * 3 + channel] = Math.round((rgba[place * 4 + channel]! * opacity + white) / 255);
    }
  }
  return { image: toRgbImage(width, height, pixels), alpha };
}

/** Pillow's cmyk2rgb (libImaging/Convert.c): what black leaves, less the ink's share of it, in its own rounding. */
function mixInks(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const light = 255 - inks[from + 3]!;
    for (let ink = 0; ink < 3; ink++) {
      const product = inks[from + ink]! * light + 128;
      pixels[to++] = light - (((product >> 8) + product) >> 8);
    }
  }
  return pixels;
}

/** Pillow turns 16-bit gray ("I;16") to 8 bits by cutting off, not by scaling. `grays` is 16-bit, little-endian. */
function clipGrays(grays: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((grays.length / 2) * 3);
  for (let place = 0; place * 2 < grays.length; place++) {
    pixels.fill(grays[place * 2 + 1]! > 0 ? 255 : grays[place * 2]!, place * 3, place * 3 + 3);
  }
  return pixels;
}
