import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quantizeWeights, transpose } from "../../../../models/quantize/quantize-weights.js";

const matrix = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })).chain(([rows, columns]) =>
  fc.record({
    rows: fc.constant(rows),
    values: fc
      .array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => Float32Array.from(values)),
  }),
);

describe("quantized weights", () => {
  test("are off by half a step of their channel at most, and never at the asymmetric end", () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(7 as const, 8 as const), ({ rows, values }, bits) => {
        const { values: bytes, scales } = quantizeWeights(values, rows, bits);
        const columns = values.length / rows;
        const most = bits === 8 ? 127 : 63;
        for (let at = 0; at < values.length; at++) {
          const [row, column] = [Math.floor(at / columns), at % columns];
          const byte = bytes[column * rows + row]!;
          expect(Math.abs(byte)).toBeLessThanOrEqual(most);
          expect(Math.abs(values[at]! - byte * scales[row]!)).toBeLessThanOrEqual(scales[row]! * 0.5001);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("take one scale a channel: a large one costs its neighbor nothing", () => {
    const { scales } = quantizeWeights(Float32Array.of(1, -1, 1000, 500), 2, 8);
    expect([...scales]).toEqual([1 / 127, 1000 / 127].map(Math.fround));
  });

  test("leave a channel of zeros at zero", () => {
    expect(quantizeWeights(new Float32Array(4), 2, 8)).toEqual({
      values: new Int8Array(4),
      scales: Float32Array.of(1, 1),
    });
  });

  test("keep sums of two products inside 16 bits at seven bits", () => {
    const { values } = quantizeWeights(Float32Array.of(5, -5), 1, 7);
    expect(Math.abs(255 * values[0]!) + Math.abs(255 * values[1]!)).toBeLessThan(2 ** 15);
  });
});

test("turning twice changes nothing", () => {
  fc.assert(
    fc.property(matrix, ({ rows, values }) => {
      const columns = values.length / rows;
      const turned = transpose(values, rows);
      expect(turned[(columns - 1) * rows]).toBe(values[columns - 1]);
      expect(transpose(turned, columns)).toEqual(values);
    }),
    { numRuns: 200 },
  );
});
