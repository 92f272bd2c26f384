import sharp from "sharp";

/** Good enough to look at, and small. */
const quality = 80;

/**
 * A WebP of a picture that the decoder has taken: upright, its longest side `side` pixels or, where it is smaller, its
 * own; the same bytes each time. @throws Error of sharp when the picture does not decode.
 */
export async function toThumbnail(bytes: Uint8Array, side: number): Promise<Uint8Array> {
  // As the decoder reads it: what is odd but harmless is no reason to have no thumbnail.
  return sharp(bytes, { failOn: "error", limitInputPixels: false })
    .autoOrient()
    .resize({ width: side, height: side, fit: "inside", withoutEnlargement: true })
    .webp({ quality })
    .toBuffer();
}
