import { expect, test } from "vitest";
import { toColumns } from "../../../src/domain/candidate-columns.js";
import { aCandidate, gray, red } from "../../support/ranking-builders.js";

test("candidates become columns: names by their place, colors by tone and hue", () => {
  const columns = toColumns([
    aCandidate({ category: "footwear_boots", gender: "male", rgb: red }),
    aCandidate({ category: null, gender: null, rgb: null }, 1),
    aCandidate({ category: "footwear_boots", gender: "female", rgb: gray }, 2),
  ]);
  expect(columns.categories).toEqual(["footwear_boots", null]);
  expect([...columns.categoryOf]).toEqual([0, 1, 0]);
  expect(columns.genders).toEqual(["male", null, "female"]);
  expect([...columns.genderOf]).toEqual([0, 1, 2]);
  expect([...columns.tone]).toEqual([2, 0, 1]);
  expect(columns.hue[0]).toBeCloseTo(0.99, 2);
  expect([...columns.hue.slice(1)]).toEqual([0, 0]);
});

test("no candidates, no names", () => {
  const columns = toColumns([]);
  expect([columns.categories, columns.genders, columns.hue.length]).toEqual([[], [], 0]);
});
