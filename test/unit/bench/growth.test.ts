import { expect, test } from "vitest";
import { fitExponent } from "../../bench/harness/growth.js";

const pointsOf = (cost: (size: number) => number) => [10, 30, 100].map((size) => ({ size, cost: cost(size) }));

test("the exponent of a growth is the power that it is", () => {
  expect(fitExponent(pointsOf((size) => 7 * size))).toBeCloseTo(1);
  expect(fitExponent(pointsOf((size) => 0.1 * size ** 2))).toBeCloseTo(2);
  expect(fitExponent(pointsOf(() => 3))).toBeCloseTo(0);
});

test("lies between those of its parts", () => {
  const exponent = fitExponent(pointsOf((size) => 20 + size));
  expect(exponent).toBeGreaterThan(0.3);
  expect(exponent).toBeLessThan(0.9);
});

test("is none of one size, or of nothing", () => {
  expect(() => fitExponent([{ size: 10, cost: 1 }])).toThrow("one size shows no growth");
  expect(() => fitExponent(pointsOf((size) => size - 10))).toThrow("above 0");
});
