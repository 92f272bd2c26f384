import { expect, test } from "vitest";
import { categoryName, harmonySentence, itemName, milliseconds, toSize } from "../../../page/words.js";
import { v5HarmonyScores } from "../../../src/domain/color-harmony.js";

test.each([
  ["upperwear_tshirt", "T-shirt"],
  ["one-piece_dress", "Dress"],
  ["accessories_hand-bag", "Hand bag"],
  ["shoes", "Shoes"],
  ["", "No category"],
  [null, "No category"],
])("a category %s is called %s", (category, name) => {
  expect(categoryName(category)).toBe(name);
});

test("an item without a title is called by the end of its id", () => {
  expect(itemName({ item_id: "a/b/red-tea_dress" })).toBe("red tea dress");
  expect(itemName({ item_id: "a/", title: null })).toBe("a/");
  expect(itemName({ item_id: "a", title: "Tea Dress" })).toBe("Tea Dress");
});

test("every rule of the ranking has a sentence", () => {
  for (const rule of Object.keys(v5HarmonyScores)) expect(harmonySentence(rule)).not.toBe(rule);
});

test("times are as exact as anybody reads them", () => {
  expect([milliseconds(0.24), milliseconds(9.96), milliseconds(123.4)]).toEqual(["0.2 ms", "10.0 ms", "123 ms"]);
});

test("sizes are handy numbers", () => {
  expect([toSize(0), toSize(1), toSize(7696), toSize(2 ** 20), toSize(3.25 * 2 ** 20)]).toEqual([
    ...["0 KB", "1 KB", "8 KB", "1.0 MB", "3.3 MB"],
  ]);
});
