import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createCoarseSlack,
  createRowCodes,
  encodeQuery,
  encodeRows,
  type RowCodes,
} from "../../../src/domain/row-codes.js";

/** What the planes stand for, by their description. */
function decode(
  { dimension, half, quarter, coarse, middle, low, lowest, scales }: RowCodes,
  row: number,
): readonly number[] {
  return Array.from({ length: dimension }, (_, i) => {
    const column = i < half ? i : i - half;
    const at = row * half + column;
    const nibbleOf = (plane: Uint8Array) => (i < half ? plane[at]! & 15 : plane[at]! >> 4);
    const pairs = lowest[row * quarter + (column >> 1)]! >> (column % 2 === 0 ? 0 : 4);
    const last = (i < half ? pairs : pairs >> 2) & 3;
    const whole = (nibbleOf(coarse) - 8) * 16_384 + middle[row * 2 * half + i]! * 64 + nibbleOf(low) * 4 + last - 8192;
    return whole * scales[row]!;
  });
}

describe("rows as codes", () => {
  test("are what they were, to a step of their largest value in 122,879", () => {
    const shape = fc.record({ dimension: fc.integer({ min: 1, max: 40 }), rows: fc.integer({ min: 1, max: 4 }) });
    const rows = shape.chain(({ dimension, rows }) =>
      fc.record({
        dimension: fc.constant(dimension),
        values: fc.array(fc.float({ min: -2, max: 2, noNaN: true }), {
          minLength: rows * dimension,
          maxLength: rows * dimension,
        }),
      }),
    );
    fc.assert(
      fc.property(rows, ({ dimension, values }) => {
        const codes = createRowCodes(values.length / dimension, dimension);
        encodeRows(codes, 0, Float32Array.from(values));
        for (let row = 0; row < codes.rows; row++) {
          const own = values.slice(row * dimension, (row + 1) * dimension);
          const step = Math.max(...own.map(Math.abs)) / 122_879;
          for (const [i, value] of decode(codes, row).entries()) {
            expect(Math.abs(value - own[i]!)).toBeLessThanOrEqual(0.51 * step + 1e-30);
          }
        }
      }),
    );
  });

  test("are written part by part, each anew", () => {
    const whole = createRowCodes(3, 2);
    encodeRows(whole, 0, Float32Array.of(1, 0.5, -1, 0.25, 0, 0));
    const parts = createRowCodes(3, 2);
    encodeRows(parts, 1, Float32Array.of(0.1, -0.9));
    encodeRows(parts, 1, Float32Array.of(-1, 0.25, 0, 0));
    encodeRows(parts, 0, Float32Array.of(1, 0.5));
    expect(parts).toEqual(whole);
    expect(decode(parts, 2)).toEqual([0, 0]);
  });

  test("have no room for what is no row, too much or not finite", () => {
    const codes = createRowCodes(2, 3);
    expect(() => encodeRows(codes, 0, new Float32Array(4))).toThrow(RangeError);
    expect(() => encodeRows(codes, 1, new Float32Array(6))).toThrow("6 values are not rows");
    expect(() => encodeRows(codes, -1, new Float32Array(3))).toThrow(RangeError);
    expect(() => encodeRows(codes, 1, Float32Array.of(0, Number.NaN, 0))).toThrow("row 1 is not finite");
    expect(() => encodeRows(codes, 1, Float32Array.of(0, 0, Number.NEGATIVE_INFINITY))).toThrow("row 1 is not finite");
  });
});

test("a query is coded to a step of its largest value in 127, and filled up to whole bytes", () => {
  const codes = createRowCodes(1, 3);
  const { values, step } = encodeQuery(codes, Float32Array.of(-0.5, 0.25, 0.1));
  expect([...values]).toEqual([-127, 64, 25, 0]);
  expect(step).toBeCloseTo((16_384 * 0.5) / 127, 9);
  expect([...encodeQuery(codes, new Float32Array(3)).values]).toEqual([0, 0, 0, 0]);
});

test("the slack grows with the steps", () => {
  const slackOf = (largest: number) => {
    const codes = createRowCodes(1, 2);
    encodeRows(codes, 0, Float32Array.of(largest, 0));
    return createCoarseSlack(codes, 3)(encodeQuery(codes, Float32Array.of(0, 1)));
  };
  expect(slackOf(1)).toBeGreaterThan(slackOf(0.5));
  // An even spread over a step deviates by the step over the square root of twelve.
  expect(slackOf(1)).toBeCloseTo((3 * Math.hypot(16_384 / 122_879, 1 / 127)) / Math.sqrt(12), 6);
});
