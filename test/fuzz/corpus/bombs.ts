import { deflateSync } from "node:zlib";
import type { Random } from "../../../catalog/sample/seeded-random.js";
import { avifDeclaring, flat, jpegDeclaring, tiffDeclaring } from "../../support/test-pictures.js";
import { between, pick } from "../chance.js";
import { mostPixels } from "../limits.js";
import { basesOf } from "./base-pictures.js";
import { type Family, posted } from "./hostile-request.js";
import { pngChunk, pngHeader, pngSignature } from "./png-chunks.js";

const refused = { statuses: [422] };
const pictureOrNot = { statuses: [200, 422] };

/** Beyond any limit, at the edges of 16, 31 and 32 bits, and nothing at all. */
const hugeSides = [0, 65_535, 65_536, 1_000_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

function hugePng(random: Random): Buffer {
  const [width, height] = [pick(random, hugeSides), pick(random, hugeSides)];
  const header = pngHeader(width, height, pick(random, [1, 8, 16]), pick(random, [0, 2, 6]));
  return Buffer.concat([pngSignature, header, pngChunk("IDAT", deflateSync(Buffer.alloc(64))), pngChunk("IEND")]);
}

/** With two bytes for each side: any that no picture of this many bytes fills. */
function hugeJpeg(random: Random): Buffer {
  const { bytes } = pick(random, basesOf("jpeg"));
  return jpegDeclaring(bytes, pick(random, [0, 40_000, 65_500, 65_535]), pick(random, [0, 40_000, 65_500, 65_535]));
}

function hugeGif(random: Random): Buffer {
  const bytes = Buffer.from(pick(random, basesOf("gif")).bytes);
  // The screen's size, or that of the first frame as well.
  bytes.writeUInt16LE(65_535, 6);
  bytes.writeUInt16LE(65_535, 8);
  const frameAt = bytes.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]));
  if (random() < 0.5) bytes.writeUInt32LE(0xffff_ffff, frameAt + 5);
  return bytes;
}

/** An extended header in front of a picture, with sides of 24 bits. */
function hugeWebp(random: Random): Buffer {
  const rest = pick(random, basesOf("webp")).bytes.subarray(12);
  const extended = Buffer.alloc(18);
  extended.write("VP8X", "latin1");
  extended.writeUInt32LE(10, 4);
  extended.fill(pick(random, [0xff, 0x7f]), 12);
  const head = Buffer.from("RIFF\0\0\0\0WEBP", "latin1");
  head.writeUInt32LE(4 + extended.length + rest.length, 4);
  return Buffer.concat([head, extended, rest]);
}

const tiffSides = [65_535, 1_000_000, 2 ** 31 - 1, 2 ** 32 - 1];

function hugeTiff(random: Random): Buffer {
  return tiffDeclaring(pick(random, basesOf("tiff")).bytes, pick(random, tiffSides), pick(random, tiffSides));
}

const avifSides = [0, 1, 65_535, 200_000_000, 2 ** 31 - 1, 2 ** 32 - 1];

function hugeAvif(random: Random): Buffer {
  const [width, height] = [pick(random, avifSides), pick(random, avifSides)];
  return avifDeclaring(pick(random, basesOf("avif")).bytes, width, width * height === 1 ? 2 ** 31 : height);
}

const hugePictures = { png: hugePng, jpeg: hugeJpeg, gif: hugeGif, webp: hugeWebp, tiff: hugeTiff, avif: hugeAvif };

const hugeDimensions: Family = {
  name: "pictures that declare huge sides",
  share: 60,
  pace: "quick",
  make: (random) => {
    const format = pick(random, Object.keys(hugePictures) as (keyof typeof hugePictures)[]);
    return posted(`${format} of huge sides`, `image/${format}`, hugePictures[format](random), refused);
  },
};

const side = Math.floor(Math.sqrt(mostPixels));
const gray = [127, 127, 127];
/** A few kilobytes each: as many pixels as are allowed, and a line more. */
const flatPictures = await Promise.all(
  [side, side + 1].flatMap((height) => [
    flat(side, height, gray).png({ compressionLevel: 9 }).toBuffer(),
    flat(side, height, gray).jpeg({ quality: 1 }).toBuffer(),
    flat(side, height, gray).webp({ lossless: true, effort: 0 }).toBuffer(),
  ]),
);

const flatBombs: Family = {
  name: "flat pictures of as many pixels as are allowed, and more",
  share: 8,
  pace: "quick",
  make: (random) => {
    const at = between(random, 0, flatPictures.length - 1);
    const isAllowed = at < flatPictures.length / 2;
    // What follows a picture's end is not looked at, and makes it one that no cache knows.
    const body = Buffer.concat([flatPictures[at]!, Buffer.from(String(random()))]);
    const expects = isAllowed ? { statuses: [200] } : refused;
    return posted(`a flat picture ${isAllowed ? "at" : "over"} the limit`, "application/octet-stream", body, expects);
  },
};

/** Sixteen million zeros in sixteen thousand bytes. */
const deflated = deflateSync(Buffer.alloc(1 << 24), { level: 9 });

/** Chunks that grow a thousandfold when they are inflated, around a picture of one pixel or in place of its pixels. */
function inflatingPng(random: Random): Buffer {
  const keyword = Buffer.from("k\0\0", "latin1");
  const text = Buffer.concat([keyword, deflated]);
  const extras = [
    pngChunk("iCCP", text),
    pngChunk("zTXt", text),
    pngChunk("iTXt", Buffer.concat([Buffer.from("k\0\x01\0\0\0", "latin1"), deflated])),
    pngChunk("eXIf", Buffer.alloc(60_000)),
  ];
  const chosen = Array.from({ length: between(random, 1, 8) }, () => pick(random, extras));
  const pixels = random() < 0.5 ? deflated : deflateSync(Buffer.alloc(4));
  return Buffer.concat([pngSignature, pngHeader(1, 1), ...chosen, pngChunk("IDAT", pixels), pngChunk("IEND")]);
}

const inflatingChunks: Family = {
  name: "PNG chunks that inflate a thousandfold",
  share: 10,
  pace: "quick",
  make: (random) => posted("a PNG of inflating chunks", "image/png", inflatingPng(random), pictureOrNot),
};

const startOfScan = Buffer.from([0xff, 0xda]);

/** The last scan of a progressive picture, again and again: each goes over every pixel. */
const endlessScans: Family = {
  name: "JPEGs of very many scans",
  share: 5,
  pace: "quick",
  make: (random) => {
    const bytes = basesOf("jpeg")[1]!.bytes;
    const scan = bytes.subarray(bytes.lastIndexOf(startOfScan), bytes.length - 2);
    const scans = Array.from({ length: between(random, 50, 400) }, () => scan);
    const body = Buffer.concat([bytes.subarray(0, -2), ...scans, bytes.subarray(-2)]);
    return posted(`a JPEG of ${scans.length} more scans`, "image/jpeg", body, pictureOrNot);
  },
};

/** Directories that name each other, or themselves, as what comes next. */
const circularTiffs: Family = {
  name: "TIFFs whose directories go round in circles",
  share: 5,
  pace: "quick",
  make: (random) => {
    const bytes = Buffer.from(pick(random, basesOf("tiff")).bytes);
    const directory = bytes.readUInt32LE(4);
    const nextAt = directory + 2 + bytes.readUInt16LE(directory) * 12;
    bytes.writeUInt32LE(random() < 0.5 ? directory : between(random, 0, bytes.length), nextAt);
    return posted("a TIFF in a circle", "image/tiff", bytes, pictureOrNot);
  },
};

/** Nobody waits for the ten-thousandth frame. */
const endlessFrames: Family = {
  name: "GIFs of very many frames",
  share: 5,
  pace: "quick",
  make: (random) => {
    const { bytes } = pick(random, basesOf("gif"));
    const frameAt = bytes.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]));
    const frames = Array.from({ length: between(random, 10, 500) }, () => bytes.subarray(frameAt, -1));
    const body = Buffer.concat([bytes.subarray(0, frameAt), ...frames.slice(0, 300), Buffer.from([0x3b])]);
    return posted(`a GIF of ${frames.length} frames`, "image/gif", body, pictureOrNot);
  },
};

/** Little to send, much to unpack. */
export const bombs: readonly Family[] = [
  ...[hugeDimensions, flatBombs, inflatingChunks, endlessScans, circularTiffs, endlessFrames],
];
