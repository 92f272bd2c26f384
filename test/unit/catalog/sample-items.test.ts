import { describe, expect, test } from "vitest";
import { parseItemLines } from "../../../catalog/item-lines.js";
import { sampleCategories } from "../../../catalog/sample/garment-shapes.js";
import { sampleItems, toItemLines } from "../../../catalog/sample/sample-catalog.js";
import { isNeutral, toHsl } from "../../../src/domain/color.js";
import { inPieces } from "../../support/async-bytes.js";

test("the catalog holds ten items of each of the 13 categories", () => {
  expect(sampleCategories).toHaveLength(13);
  const counts = sampleCategories.map((category) => sampleItems.filter((item) => item.category === category).length);
  expect(counts).toEqual(Array(13).fill(10));
});

test("ids are unique, and the picture's path without its extension", () => {
  expect(new Set(sampleItems.map(({ id }) => id)).size).toBe(130);
  for (const { id, path, category } of sampleItems) {
    expect(path).toBe(`${id}.png`);
    expect(id).toMatch(/^[a-z-]+\/[a-z]+\/[a-z]+(-[a-z]+)+$/);
    expect(id.split("/").slice(0, 2).join("_")).toBe(category);
  }
});

test("the catalog builder reads every line, and no field is unknown to it", async () => {
  const { lines, problems, unknownFields } = await parseItemLines(
    inPieces([Buffer.from(toItemLines(sampleItems))]),
    "items.jsonl",
  );
  expect(problems).toEqual([]);
  expect([...unknownFields]).toEqual([]);
  expect(lines.map(({ id, price }) => ({ id, price }))).toEqual(sampleItems.map(({ id, price }) => ({ id, price })));
  expect(lines.every(({ price }) => /^\d+\.00 EUR$/.test(price ?? ""))).toBe(true);
});

describe.each(sampleCategories)("%s", (category) => {
  const items = sampleItems.filter((item) => item.category === category);

  test("no two items share their title, and no two their color", () => {
    expect(new Set(items.map(({ title }) => title)).size).toBe(10);
    expect(new Set(items.map(({ color }) => color.join())).size).toBe(10);
  });

  test("the colors go around the hue wheel, beside a few neutrals", () => {
    const colors = items.map(({ color }) => toHsl(color));
    const sixths = new Set(colors.filter((each) => !isNeutral(each)).map(({ hue }) => Math.floor(hue * 6)));
    expect(sixths.size).toBeGreaterThanOrEqual(4);
    expect(colors.some(isNeutral)).toBe(true);
  });
});
