import sharp from "sharp";
import { drawGarment } from "../../catalog/sample/draw-garment.js";
import type { SampleCategory } from "../../catalog/sample/garment-shapes.js";
import { planTrainingPicture } from "../../catalog/sample/training-picture.js";
import type { LabeledPicture } from "../../models/verify/labeled-pictures.js";

const backdrop = { kind: "solid", color: [236, 234, 230] } as const;
const pose = { degrees: 0, mirrored: false, shiftX: 0, shiftY: 0 } as const;

/** Garments of the training set, upright before a plain backdrop as in a catalog, so many of each category. */
export function drawnGarments(
  categories: readonly SampleCategory[],
  perCategory: number,
): Promise<readonly LabeledPicture[]> {
  const drawings = categories.flatMap((category) =>
    Array.from({ length: perCategory }, async (_, place) => {
      const { coverage: _coverage, ...planned } = planTrainingPicture(category, place, "drawn garments");
      const svg = drawGarment({ ...planned, background: backdrop, pose, fill: 0.85 });
      const bytes = await sharp(Buffer.from(svg)).flatten().png({ compressionLevel: 1 }).toBuffer();
      return { name: `${category}/${place}.png`, category, read: async () => bytes };
    }),
  );
  return Promise.all(drawings);
}
