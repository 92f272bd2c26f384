import { describe, expect, test } from "vitest";
import type { CatalogPart } from "../../../page/reply.js";
import { addPart, changeFilter, emptyShelf, hasMore, pageSize, type Shelf, toQuery } from "../../../page/shelf.js";

function aPart(count: number, total: number): CatalogPart {
  const items = Array.from({ length: count }, (_, at) => ({ item_id: String(at), category: null, gender: "unknown" }));
  const shown = items.map((item) => ({ ...item, title: null, price: null, palette: [] }));
  return { total, categories: {}, has_thumbnails: true, items: shown };
}

const add = (shelf: Shelf, part: CatalogPart) => addPart(shelf, shelf.asked, part);

describe("the catalog", () => {
  test("comes part by part until all of it is there", () => {
    const first = add(emptyShelf, aPart(48, 60));
    expect([first.items.length, hasMore(first), toQuery(first)]).toEqual([48, true, `offset=48&limit=${pageSize}`]);
    const all = add(first, aPart(12, 60));
    expect([all.items.length, hasMore(all)]).toEqual([60, false]);
  });

  test("shows no part twice, however often it was asked for", () => {
    const first = addPart(emptyShelf, 0, aPart(48, 60));
    expect(addPart(first, 0, aPart(48, 60))).toBe(first);
  });

  test("begins anew with another filter, and what was asked before comes too late", () => {
    const before = add(emptyShelf, aPart(48, 60));
    const after = changeFilter(before, { category: "a b", gender: "", color: "red" });
    expect([after.items, hasMore(after)]).toEqual([[], false]);
    expect(toQuery(after)).toBe(`category=a+b&color=red&offset=0&limit=${pageSize}`);
    expect(addPart(after, before.asked, aPart(12, 60))).toBe(after);
  });

  test("may be empty", () => {
    const shelf = add(emptyShelf, aPart(0, 0));
    expect([shelf.total, hasMore(shelf)]).toEqual([0, false]);
  });
});
