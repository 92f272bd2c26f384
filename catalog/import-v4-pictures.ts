import type { V4Item } from "./import-v4-items.js";
import type { FoundPicture } from "./scan-folder.js";

/** Where each item's picture lies below the folder that was given; null where it does not. */
export type V4Pictures = Readonly<{ pathOf: (item: V4Item) => string | null; found: number }>;

/**
 * V4 kept the paths of the machine that trained. As many folders are taken off all of them as lets most of them lead to
 * a picture: a name alone would be found in the wrong category.
 */
export function findV4Pictures(items: readonly V4Item[], pictures: readonly FoundPicture[]): V4Pictures {
  const byPath = new Map(pictures.map(({ path }) => [path.normalize("NFC"), path]));
  const counts: number[] = [];
  for (const { record } of items) {
    const parts = partsOf(record.path);
    for (let taken = 0; taken < parts.length; taken++) {
      if (byPath.has(parts.slice(taken).join("/"))) counts[taken] = (counts[taken] ?? 0) + 1;
    }
  }
  const found = counts.reduce((most, count) => Math.max(most, count), 0);
  const taken = Math.max(0, counts.indexOf(found));
  return { pathOf: ({ record }) => byPath.get(partsOf(record.path).slice(taken).join("/")) ?? null, found };
}

/** Deeper than any path that is a picture's. */
const maxParts = 64;

function partsOf(path: string | null): readonly string[] {
  return path === null ? [] : path.normalize("NFC").split("/").slice(-maxParts);
}
