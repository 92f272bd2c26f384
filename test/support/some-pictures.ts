import sharp from "sharp";
import type { LabeledPicture } from "../../models/verify/labeled-pictures.js";

const categories = 6;
const side = 64;

/** Small pictures of six categories, told apart by where a bright square lies; each has colors of its own. */
export function somePictures(count: number): Promise<readonly LabeledPicture[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, place) => {
      const category = place % categories;
      const bytes = await draw(category, place);
      return { name: `${category}/${place}.png`, category: `category ${category}`, read: async () => bytes };
    }),
  );
}

function draw(category: number, place: number): Promise<Buffer> {
  const [left, top] = [2 + (category % 3) * 20, 4 + Math.floor(category / 3) * 30];
  const shade = (factor: number) => (place * factor) % 60;
  const square = { r: 250 - shade(7), g: 250 - shade(13), b: 250 - shade(29) };
  const ground = { r: 30 + shade(11), g: 30 + shade(17), b: 30 + shade(23) };
  const patch = { create: { width: 20, height: 26, channels: 3, background: square } } as const;
  return sharp({ create: { width: side, height: side, channels: 3, background: ground } })
    .composite([{ input: patch, left, top }])
    .png()
    .toBuffer();
}
