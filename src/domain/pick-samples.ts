import type { CatalogItem } from "./catalog.js";

/** Neighbors in a catalog are often alike: from one category to the next another place in it is looked at. */
const stride = 3;

/** A few items to begin with: of each category in turn, in the order of their names, until there are enough. */
export function pickSamples(items: readonly CatalogItem[], count: number): readonly CatalogItem[] {
  const shelves = new Map<string, CatalogItem[]>();
  for (const item of items) {
    const shelf = shelves.get(item.category ?? "");
    if (shelf === undefined) shelves.set(item.category ?? "", [item]);
    else shelf.push(item);
  }
  const sorted = [...shelves].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, shelf]) => shelf);
  const picked: CatalogItem[] = [];
  for (let round = 0; picked.length < Math.min(count, items.length); round++) {
    const open = sorted.flatMap((shelf, place) =>
      round < shelf.length ? [shelf[(place * stride + round) % shelf.length]!] : [],
    );
    picked.push(...open.slice(0, count - picked.length));
  }
  return picked;
}
