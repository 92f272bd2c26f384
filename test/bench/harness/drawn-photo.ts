import sharp from "sharp";
import { drawGarment } from "../../../catalog/sample/draw-garment.js";
import { scramble } from "../../support/formula-pictures.js";

/** A JPEG of a drawn garment with a camera's noise, so that it takes as many bytes as a photograph. */
export async function drawPhoto(width: number, height: number): Promise<Uint8Array> {
  const garment = { category: "upperwear_shirt", color: [60, 90, 170], variation: 7 } as const;
  const svg = drawGarment({ ...garment, background: { kind: "wood", seed: 3 }, frame: { width, height } });
  const { data } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const noisy = data.map((value, at) => Math.max(0, Math.min(255, value + (scramble(at) % 13) - 6)));
  return sharp(noisy, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}
