import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHalfBits, toHalves } from "../../../../models/graph/half.js";

/** The definition, for finite halves: sign * fraction * 2^(exponent - 24). */
function numberOf(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (fraction + 1024) * 2 ** (exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

describe("half precision", () => {
  test("keeps every number that it can hold", () => {
    for (let half = 0; half < 0x10000; half++) {
      if (((half >> 10) & 31) === 31) continue;
      expect(toHalfBits(numberOf(half))).toBe(half);
    }
  });

  test.each([
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [2 ** -25, 0],
    [2 ** -25 * 1.0001, 1],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
  ])("rounds %d to %i, ties to even", (number, half) => {
    expect(toHalfBits(number)).toBe(half);
  });

  test("never leaves a nearer neighbor", () => {
    const number = fc.double({ min: -65504, max: 65504, noNaN: true }).map(Math.fround);
    fc.assert(
      fc.property(number, (value) => {
        const half = toHalfBits(value);
        const distance = Math.abs(numberOf(half) - value);
        for (const other of [half - 1, half + 1]) {
          if (other < 0 || ((other >> 10) & 31) === 31) continue;
          expect(distance).toBeLessThanOrEqual(Math.abs(numberOf(other) - value));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("is no number for no number", () => {
    expect(toHalfBits(Number.NaN) & 0x7c00).toBe(0x7c00);
    expect(toHalfBits(Number.NaN) & 0x3ff).not.toBe(0);
  });

  test("refuses weights beyond it", () => {
    expect(() => toHalves(Float32Array.of(1, 70_000))).toThrow("70000 is beyond half precision");
  });
});
