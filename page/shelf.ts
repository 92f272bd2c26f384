import type { CatalogPart, ShownItem } from "./reply.js";

export type Filter = Readonly<{ category: string; gender: string; color: string }>;

/** What of the catalog is looked at. `asked` tells the answers apart that come too late. */
export type Shelf = Readonly<{ filter: Filter; items: readonly ShownItem[]; total: number | null; asked: number }>;

export const pageSize = 48;
export const emptyShelf: Shelf = { filter: { category: "", gender: "", color: "" }, items: [], total: null, asked: 0 };

/** Another filter begins anew. */
export function changeFilter(shelf: Shelf, filter: Filter): Shelf {
  return { filter, items: [], total: null, asked: shelf.asked + 1 };
}

/** More of the same comes behind what is there. */
export function addPart(shelf: Shelf, asked: number, part: CatalogPart): Shelf {
  if (asked !== shelf.asked) return shelf;
  return { ...shelf, items: [...shelf.items, ...part.items], total: part.total, asked: shelf.asked + 1 };
}

/** What to ask for next. */
export function toQuery({ filter, items }: Shelf): string {
  const chosen = Object.entries(filter).filter(([, value]) => value !== "");
  return new URLSearchParams([...chosen, ["offset", String(items.length)], ["limit", String(pageSize)]]).toString();
}

export function hasMore({ items, total }: Shelf): boolean {
  return total !== null && items.length < total;
}
