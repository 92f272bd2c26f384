import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import type { Rgb, RgbImage } from "../../src/domain/image.js";

/** A picture for sharp to encode. */
export function toSharp({ width, height, pixels }: RgbImage): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** One flat color, or with four numbers a flat color and its opacity. */
export function flat(width: number, height: number, color: readonly number[]): Sharp {
  const pixels = Buffer.alloc(width * height * color.length, Uint8Array.from(color));
  return sharp(pixels, { raw: { width, height, channels: color.length as 3 | 4 } });
}

/** The pixel of an `RgbImage` at shares of its sides, each in [0, 1). */
export function pixelAt({ width, height, pixels }: RgbImage, across: number, down: number): Rgb {
  const at = (Math.floor(down * height) * width + Math.floor(across * width)) * 3;
  return [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
}

/** A PNG of a few bytes whose header declares a picture of this size, 8 bits a channel, RGB. */
export function pngDeclaring(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(Buffer.alloc(64))), chunk("IEND")]);
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  const check = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A JPEG whose header declares another size than its data has. */
export function jpegDeclaring(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg);
  for (let at = 2; at < changed.length; ) {
    const marker = changed[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xc2) {
      changed.writeUInt16BE(height, at + 5);
      changed.writeUInt16BE(width, at + 7);
      return changed;
    }
    at += 2 + changed.readUInt16BE(at + 2);
  }
  throw new RangeError("this JPEG has no frame header");
}

const tiffLong = 4;

/** A little-endian TIFF whose first directory declares another size than its data has. */
export function tiffDeclaring(tiff: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(tiff);
  const directory = changed.readUInt32LE(4);
  for (let entry = 0; entry < changed.readUInt16LE(directory); entry++) {
    const at = directory + 2 + entry * 12;
    const side = { 256: width, 257: height }[changed.readUInt16LE(at)];
    if (side === undefined) continue;
    changed.writeUInt16LE(tiffLong, at + 2);
    changed.writeUInt32LE(side, at + 8);
  }
  return changed;
}

/** An AVIF that tells another size than its data has. */
export function avifDeclaring(avif: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(avif);
  const at = changed.indexOf("ispe");
  changed.writeUInt32BE(width, at + 8);
  changed.writeUInt32BE(height, at + 12);
  return changed;
}
