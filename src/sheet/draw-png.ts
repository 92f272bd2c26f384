import sharp from "sharp";
import type { Layout } from "./box.js";

/** Sharp on a screen of double density. */
const usualScale = 2;
/** Cairo draws no longer side than 32,767, and few viewers show one. */
const longestSide = 16_000;

/** The sheet's SVG as a PNG, twice its size unless that would be too long for a picture. */
export async function drawPng(svg: string, { width, height }: Pick<Layout, "width" | "height">): Promise<Uint8Array> {
  const scale = Math.min(usualScale, longestSide / Math.max(width, height));
  const dotsPerInch = 72;
  return sharp(Buffer.from(svg), { density: dotsPerInch * scale, limitInputPixels: false, unlimited: true })
    .png()
    .toBuffer();
}
