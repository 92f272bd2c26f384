import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Parsed } from "../domain/parsed.js";

/** A photo whose category is known. */
export type LabeledPhoto = Readonly<{ path: string; category: string }>;

/** Every photo one folder deep, sorted, with the category its folder stands for; or every problem. */
export async function readLabeledPhotos(folder: string, map: unknown): Promise<Parsed<readonly LabeledPhoto[]>> {
  const isMap = typeof map === "object" && map !== null && !Array.isArray(map);
  if (!isMap || Object.values(map).some((category) => typeof category !== "string")) {
    return { problems: ["the category map must be a JSON object of texts"] };
  }
  const categories = new Map(Object.entries(map as Record<string, string>));
  const photos: LabeledPhoto[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
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
