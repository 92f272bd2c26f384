import { type CategoryMap, createCategoryNames } from "../../catalog/category-map.js";
import { scanFolder } from "../../catalog/scan-folder.js";
import { type LabeledPicture, pictureOfFile, samplePictures } from "../../models/verify/labeled-pictures.js";

/** Pictures to verify an encoder with, and what to say of them, one sentence each. */
export type VerifyPictures = Readonly<{ pictures: readonly LabeledPicture[]; notes: readonly string[] }>;

/** Two thousand tell an agreement of 0.99 from one of 0.985; more would only take longer. */
const maxPictures = 2000;
/** Twenty of each category that can be drawn: 260, more than twice the least that proves anything. */
const drawnPerCategory = 20;
/** The same pictures every time: two runs must be comparable. */
const seed = "verify";

/**
 * The pictures below a folder, by the categories that `catalog build` would give them; a sample where there are many.
 * @throws Error with one line when the folder cannot be read or holds none.
 */
export async function findVerifyPictures(folder: string, map: CategoryMap): Promise<VerifyPictures> {
  const { pictures, skipped } = await scanFolder(folder);
  const names = createCategoryNames(map);
  const labeled = pictures.flatMap(({ path, folderCategory, categoryFolder, aside }) =>
    aside === null && folderCategory !== null
      ? [pictureOfFile(folder, path, names.toCategory(folderCategory, categoryFolder))]
      : [],
  );
  if (labeled.length === 0) throw new Error(`no pictures are in folders of ${folder}; a folder names the category`);
  const left = pictures.length - labeled.length + skipped.length;
  const sampled = samplePictures(labeled, maxPictures, seed);
  return {
    pictures: sampled,
    notes: [
      ...(left > 0 ? [`${left} files of ${folder} are not used: no pictures, or not in a folder of a category`] : []),
      ...(sampled.length < labeled.length ? [`${sampled.length} of ${labeled.length} pictures, always the same`] : []),
      ...names.unused().map((entry) => `the category map names "${entry}", which no folder has`),
    ],
  };
}

/** Drawings of garments, for when no photos were given. */
export async function drawVerifyPictures(): Promise<VerifyPictures> {
  // Drawing is needed by nothing else here, and takes its time to load.
  const { planDrawnPictures } = await import("../../catalog/sample/drawn-pictures.js");
  const pictures = planDrawnPictures(drawnPerCategory, seed);
  return { pictures, notes: [`no --images: ${pictures.length} drawn garments; photos of your own say more`] };
}
