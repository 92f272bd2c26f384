import { sniffImageFormat } from "./image-format.js";

/** Holds the header of every picture that cameras and programs write, and is looked through in a millisecond. */
const searchedBytes = 1 << 18;

/**
 * How many pixels a picture's header declares, without decoding any: for admission, before the decoder has the last
 * word. 0 where no decoder would find a picture; null where the size is not where it usually is. Total on any bytes.
 */
export function declaredPixels(bytes: Uint8Array): number | null {
  const format = sniffImageFormat(bytes);
  if (format === null) return 0;
  // A TIFF says where to look, and that may be its end.
  const head = format === "tiff" ? bytes : bytes.subarray(0, searchedBytes);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    return readers[format](view);
  } catch (error) {
    // The file ends before its size is told.
    if (error instanceof RangeError) return bytes.length > head.length ? null : 0;
    throw error;
  }
}

/** Each throws RangeError where the bytes end too early. */
const readers = {
  jpeg: jpegPixels,
  png: (view: DataView) => view.getUint32(16) * view.getUint32(20),
  gif: gifPixels,
  webp: webpPixels,
  tiff: tiffPixels,
  avif: avifPixels,
} as const;

/** Segment by segment to the first start of frame; between segments anything but a marker is passed over, as decoders do. */
function jpegPixels(view: DataView): number {
  for (let at = 2; ; ) {
    while (view.getUint8(at) !== 0xff) at++;
    while (view.getUint8(at) === 0xff) at++;
    const marker = view.getUint8(at++);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return view.getUint16(at + 3) * view.getUint16(at + 5);
    // Stuffing, restarts and starts have no length; a scan before any frame is no picture.
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    if (marker === 0xd9 || marker === 0xda) return 0;
    at += view.getUint16(at);
  }
}

/** A frame may be larger than the screen, and decoders make room for it: the larger of the screen and the first frame. */
function gifPixels(view: DataView): number {
  const screen = view.getUint16(6, true) * view.getUint16(8, true);
  const flags = view.getUint8(10);
  let at = 13 + (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  while (view.getUint8(at) === 0x21) {
    at += 2;
    while (view.getUint8(at) !== 0) at += view.getUint8(at) + 1;
    at++;
  }
  if (view.getUint8(at) !== 0x2c) return screen;
  return Math.max(screen, view.getUint16(at + 5, true) * view.getUint16(at + 7, true));
}

function webpPixels(view: DataView): number {
  const kind = String.fromCharCode(...[12, 13, 14, 15].map((at) => view.getUint8(at)));
  if (kind === "VP8 ") return (view.getUint16(26, true) & 0x3fff) * (view.getUint16(28, true) & 0x3fff);
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1);
  }
  if (kind !== "VP8X") return 0;
  const edge = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536 + 1;
  return edge(24) * edge(27);
}

const tiffWidth = 256;
const tiffHeight = 257;
const tiffShort = 3;

/** Width and height in the first directory; BigTIFF's is not looked for. */
function tiffPixels(view: DataView): number | null {
  const little = view.getUint8(0) === 0x49;
  if (view.getUint16(2, little) !== 42) return null;
  const directory = view.getUint32(4, little);
  const edges = new Map<number, number>();
  for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
    const at = directory + 2 + entry * 12;
    const isShort = view.getUint16(at + 2, little) === tiffShort;
    edges.set(view.getUint16(at, little), isShort ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little));
  }
  const [width, height] = [edges.get(tiffWidth), edges.get(tiffHeight)];
  return width === undefined || height === undefined ? 0 : width * height;
}

/** The largest of the sizes that an AVIF file tells: of the picture, and of the tiles and thumbnails in it. */
function avifPixels(view: DataView): number | null {
  let pixels: number | null = null;
  for (let at = 0; at + 16 <= view.byteLength; at++) {
    // "ispe": version and flags, then width and height.
    if (view.getUint32(at) !== 0x69737065) continue;
    pixels = Math.max(pixels ?? 0, view.getUint32(at + 8) * view.getUint32(at + 12));
  }
  return pixels;
}
