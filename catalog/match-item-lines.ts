import type { CatalogItem } from "../src/domain/catalog.js";
import type { ItemLine } from "./item-lines.js";
import { createPictureFinder } from "./picture-finder.js";
import type { PictureSource } from "./picture-source.js";
import type { FoundPicture, Skipped } from "./scan-folder.js";

/** An item whose picture exists; what the picture shows is not known yet. */
export type PlannedItem = Omit<CatalogItem, "row" | "meanColor" | "palette" | "path" | "category"> &
  Readonly<{ path: string; category: string }>;

/** Items found, things left out, and what makes a build impossible, one sentence each. */
export type Joined = Readonly<{
  items: readonly PlannedItem[];
  skipped: readonly Skipped[];
  problems: readonly string[];
}>;

export type MatchOptions = Readonly<{
  toCategory: (name: string, folder?: string) => string;
  /** Leads from the items file's folder to the pictures'; empty when they are elsewhere. */
  imagesPrefix: string;
  /** As a picture source has it. */
  takeUrl?: PictureSource["takeUrl"];
}>;

/** Each line with its picture. Several lines may share one picture; a line that could mean several is a problem. */
export function matchItemLines(
  pictures: readonly FoundPicture[],
  lines: readonly ItemLine[],
  { toCategory, imagesPrefix, takeUrl }: MatchOptions,
): Joined {
  const findPictures = createPictureFinder(pictures, imagesPrefix);
  const items: PlannedItem[] = [];
  const skipped: Skipped[] = [];
  const problems: string[] = [];
  const named = new Set<string>();
  for (const { line, ...texts } of lines) {
    const found = findPictures(texts);
    const item = `item ${texts.id} (line ${line})`;
    for (const { path } of found) named.add(path);
    if (found.length > 1)
      problems.push(`${item} could be ${found.map(({ path }) => path).join(" or ")}: give it a path`);
    const remote = found.length > 0 ? null : atUrl(texts, takeUrl);
    if (remote !== null && "reason" in remote) skipped.push({ path: item, reason: remote.reason });
    const one = found.length === 1 ? found[0]! : remote;
    if (one === null || "reason" in one) continue;
    const { path, folderCategory, categoryFolder } = one;
    const category = texts.category ?? folderCategory;
    if (category === null) skipped.push({ path, reason: `neither ${item} nor a folder names its category` });
    else items.push({ ...texts, path, category: toCategory(category, texts.category === null ? categoryFolder : "") });
  }
  const unnamed = pictures.filter(({ path }) => !named.has(path));
  skipped.push(...unnamed.map(({ path }) => ({ path, reason: "no item line names it" })));
  return { items, skipped, problems };
}

type Texts = Omit<ItemLine, "line">;

/** The picture that an item has elsewhere, called by its URL; or why it has none at all. */
function atUrl({ id, path, imageUrl }: Texts, takeUrl: MatchOptions["takeUrl"]) {
  if (takeUrl === undefined || imageUrl === null) return { reason: `no picture ${path ?? `${id}.*`}` };
  const reason = takeUrl(imageUrl);
  return reason === null ? { path: imageUrl, folderCategory: null, categoryFolder: "" } : { reason };
}
