import sharp from "sharp";
import type { BoardPicture } from "./board.js";
import { theme } from "./theme.js";

/** Longest side of what is asked about, and of a piece: enough for their places on a screen of double density. */
export const heroSide = 1100;
export const cardSide = 600;

/** Good enough to look at, and small. */
const quality = 84;

/**
 * A picture as a board holds it: upright, its longest side `side` pixels or, where it is smaller, its own, as a JPEG: the
 * SVG renderer behind PNG sheets, and many an editor, read no WebP. @throws Error of sharp when it does not decode
 */
export async function toBoardPicture(bytes: Uint8Array, side: number): Promise<BoardPicture & { kind: "embedded" }> {
  // As the decoder reads it: what it has answered can be drawn.
  const { data, info } = await sharp(bytes, { failOn: "error", limitInputPixels: false })
    .autoOrient()
    .resize({ width: side, height: side, fit: "inside", withoutEnlargement: true })
    .flatten({ background: theme.mat })
    .toColorspace("srgb")
    .jpeg({ quality })
    .toBuffer({ resolveWithObject: true });
  return {
    kind: "embedded",
    uri: `data:image/jpeg;base64,${data.toString("base64")}`,
    ratio: info.width / info.height,
  };
}
