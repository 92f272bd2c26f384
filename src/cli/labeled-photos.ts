import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { CategoryMap } from "../../catalog/category-map.js";
import type { Parsed } from "../domain/parsed.js";

/** A photo whose category is known. */
export type LabeledPhoto = Readonly<{ path: string; category: string }>;

/** Every photo one folder deep, sorted, with the category its folder stands for; or why there are none. */
export async function readLabeledPhotos(
  folder: string,
  categories: CategoryMap,
): Promise<Parsed<readonly LabeledPhoto[]>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null);
  if (entries === null) return { problems: [`--photos: ${folder} is not a readable folder`] };
  const photos: LabeledPhoto[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const category = categories.get(entry.name) ?? entry.name;
    const names = (await readdir(join(folder, entry.name))).filter((name) =>
      /\.(jpe?g|png|webp|avif|gif|tiff?)$/i.test(name),
    );
    photos.push(...names.map((name) => ({ path: join(folder, entry.name, name), category })));
  }
  if (photos.length === 0) return { problems: [`no photos are in folders of ${folder}`] };
  return { value: photos.sort((first, second) => (first.path < second.path ? -1 : 1)) };
}
