import { expect, test } from "vitest";
import { median, quantile, shown } from "../../bench/harness/quantile.js";

test.each([
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[10, 20], 0.25, 12.5],
  [[5], 0.95, 5],
  [[2, 1, 3], 0, 1],
  [[2, 1, 3], 1, 3],
])("of %j, the value at share %d is %d", (values, share, expected) => {
  expect(quantile(values, share)).toBe(expected);
});

test("sorts by size, not as text, and leaves the values in their order", () => {
  const values = [10, 9, 100];
  expect(median(values)).toBe(10);
  expect(values).toEqual([10, 9, 100]);
});

test("refuses to make a value of none, and a share that is none", () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => quantile([1], 1.1)).toThrow(RangeError);
  expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
});

test("figures are shown with four digits", () => {
  expect([1.23456, 123456, 0.000123456].map(shown)).toEqual([1.235, 123500, 0.0001235]);
});
