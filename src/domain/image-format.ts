/** The picture formats that are read. */
export const imageFormats = ["jpeg", "png", "webp", "avif", "gif", "tiff"] as const;
export type ImageFormat = (typeof imageFormats)[number];

/**
 * The format that the first bytes announce, or null. Content types and file names are not asked: they lie, and what
 * is no picture (an SVG program, a PDF, plain text) shall not reach a decoder at all.
 */
export function sniffImageFormat(bytes: Uint8Array): ImageFormat | null {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  if (start.startsWith("\xff\xd8\xff")) return "jpeg";
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) return "gif";
  if (start.startsWith("RIFF") && start.slice(8) === "WEBP") return "webp";
  // Byte order, then version 42, or 43 for files beyond 4 GB.
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return "tiff";
  if (start.slice(4, 8) === "ftyp" && hasAvifBrand(bytes)) return "avif";
  return null;
}

/** The brands follow "ftyp": the main one, a version, then the compatible ones, four letters each. */
function hasAvifBrand(bytes: Uint8Array): boolean {
  const boxLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const brands = String.fromCharCode(...bytes.subarray(8, Math.min(boxLength, 128)));
  return /^(.{4})*?(avif|avis)/s.test(brands);
}
