import sharp from "sharp";
import { drawGarment } from "./draw-garment.js";
import { sampleCategories } from "./garment-shapes.js";
import { planTrainingPicture } from "./training-picture.js";

/** A garment of a known category; the first `read` draws it, as PNG bytes of about 50 KB that are kept. */
export type DrawnPicture = Readonly<{ name: string; category: string; read: () => Promise<Uint8Array> }>;

/** As many pictures of every category as asked for. The same seed always gives the same ones; none is drawn yet. */
export function planDrawnPictures(perCategory: number, seed: number | string): readonly DrawnPicture[] {
  return sampleCategories.flatMap((category) =>
    Array.from({ length: perCategory }, (_, place) => ({
      name: `${category}/${place}.png`,
      category,
      read: once(() => draw(drawGarment(planTrainingPicture(category, place, seed)))),
    })),
  );
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function draw(svg: string): Promise<Uint8Array> {
  return sharp(Buffer.from(svg)).flatten().png({ compressionLevel: 1 }).toBuffer();
}
