import { expect, test } from "vitest";
import type { CatalogItem } from "../../../src/domain/catalog.js";
import { pickSamples } from "../../../src/domain/pick-samples.js";

function items(...categories: readonly (string | null)[]): readonly CatalogItem[] {
  return categories.map((category, row) => ({ row, id: String(row), category }) as CatalogItem);
}

test("every category comes once before any comes twice", () => {
  const picked = pickSamples(items("b", "b", "b", "a", "a", "c", null), 6).map(({ category }) => category);
  expect(picked.slice(0, 4)).toEqual([null, "a", "b", "c"]);
  expect(picked.slice(4)).toEqual(["a", "b"]);
});

test("no item comes twice, and no more are picked than there are", () => {
  const all = items("a", "a", "b", "b", "b", "c");
  expect(new Set(pickSamples(all, 100)).size).toBe(6);
  expect(pickSamples(all, 100)).toHaveLength(6);
  expect(pickSamples(all, 0)).toEqual([]);
  expect(pickSamples([], 5)).toEqual([]);
});
