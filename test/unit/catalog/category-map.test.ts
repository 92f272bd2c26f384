import { expect, test } from "vitest";
import { findUnmapped, parseCategoryMap } from "../../../catalog/category-map.js";

test("a map of folder to category is taken as it is", () => {
  const parsed = parseCategoryMap({ dress: "one-piece_dress", ["__proto__"]: "x" });
  expect("value" in parsed && [...parsed.value]).toEqual([
    ["dress", "one-piece_dress"],
    ["__proto__", "x"],
  ]);
});

test.each([
  [[], "the category map must be a JSON object of folder to category, not a list of 0"],
  ["dress", 'the category map must be a JSON object of folder to category, not "dress"'],
  [{ a: 1, b: "" }, 'the category map: "a" must name a text of 1 to 100 printable characters, not 1'],
])("refuses %j", (value, problem) => {
  const parsed = parseCategoryMap(value);
  expect("problems" in parsed && parsed.problems[0]).toBe(problem);
});

test("categories that the rules know by name are mapped", () => {
  const known = ["upperwear_shirt", "bottomwear_culottes", "one-piece_dress", "footwear_heels", "accessories_scarf"];
  expect(findUnmapped(Object.fromEntries(known.map((category) => [category, 1])))).toEqual([]);
});

test.each([
  ["dress", "one-piece"],
  ["UpperWear_Shirt", "top"],
  ["upperwear", null],
  ["train_shirt", null],
  ["scarf", "accessories_scarf"],
  ["nightwear_robe", null],
])("%s is reported, with the family v5 takes it for: %s", (category, family) => {
  expect(findUnmapped({ [category]: 3 })).toEqual([{ category, items: 3, family }]);
});
