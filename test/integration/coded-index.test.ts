import { describe, expect, it } from "vitest";
import { createCodedIndex } from "../../src/adapters/coded-index.js";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { createRowCodes, encodeQuery, encodeRows, type RowCodes } from "../../src/domain/row-codes.js";
import { inRowOrder } from "../support/placed-codes.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { aQuery, oracle, unitRows } from "../support/some-vectors.js";

const faiss = faissAvailability();
const addon = faiss.available ? faiss.addon : null;

function someCodes(vectors: Float32Array, dimension: number): RowCodes {
  const codes = createRowCodes(vectors.length / dimension, dimension);
  encodeRows(codes, 0, vectors);
  return codes;
}

/** The coarse similarities by their description. */
function estimatePlainly({ rows, half, coarse, scales }: RowCodes, query: ReturnType<typeof encodeQuery>): number[] {
  return Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < half; i++) {
      const both = coarse[row * half + i]!;
      sum += ((both & 15) - 8) * query.values[i]! + ((both >> 4) - 8) * query.values[half + i]!;
    }
    return sum * query.step * scales[row]!;
  });
}

unlessSkipped("the coded index", faiss.available ? null : faiss.reason, () => {
  describe("the coded index", () => {
    it.each([
      [1, 1],
      [7, 3],
      [64, 64],
      [65, 100],
      [129, 513],
      [1000, 512],
      [200, 1030],
    ])(
      "estimates %i rows of %i values as described, with their peaks, and has the true ones",
      async (rows, dimension) => {
        const vectors = unitRows(rows, dimension, 1);
        const query = aQuery(dimension, 2);
        const codes = someCodes(vectors, dimension);
        const { similarities, peaks, exactly } = await createCodedIndex(addon!, inRowOrder(codes)).estimate(query);
        const expected = estimatePlainly(codes, encodeQuery(codes, query));
        for (const [row, value] of expected.entries()) expect(similarities[row]).toBeCloseTo(value, 6);
        const blocks = Array.from({ length: Math.ceil(rows / 64) }, (_, at) =>
          similarities.subarray(at * 64, at * 64 + 64),
        );
        expect([...peaks!]).toEqual(blocks.map((block) => Math.max(...block)));
        const places = Array.from({ length: rows }, (_, row) => rows - 1 - row);
        const exact = exactly(places);
        for (const [row, value] of oracle(vectors, dimension, query).entries()) {
          expect(Math.abs(exact[rows - 1 - row]! - value)).toBeLessThan(5e-6);
        }
      },
    );

    it("keeps the largest values a code can hold, of either sign", async () => {
      const dimension = 600;
      const ones = new Float32Array(dimension).fill(1 / Math.sqrt(dimension));
      const codes = someCodes(Float32Array.of(...ones, ...ones.map((value) => -value)), dimension);
      const { exactly, similarities } = await createCodedIndex(addon!, inRowOrder(codes)).estimate(
        ones as ReturnType<typeof aQuery>,
      );
      expect(exactly([0, 1])[0]).toBeCloseTo(1, 5);
      expect(exactly([0, 1])[1]).toBeCloseTo(-1, 5);
      const plain = estimatePlainly(codes, encodeQuery(codes, ones));
      expect(similarities[0]).toBeCloseTo(plain[0]!, 5);
      expect(similarities[1]).toBeCloseTo(plain[1]!, 5);
    });

    it("is within its slack for nearly all", async () => {
      const [rows, dimension] = [5_000, 256];
      const vectors = unitRows(rows, dimension, 7);
      const query = aQuery(dimension, 8);
      const { similarities, slack } = await createCodedIndex(
        addon!,
        inRowOrder(someCodes(vectors, dimension)),
      ).estimate(query);
      const beyond = oracle(vectors, dimension, query).filter(
        (value, row) => Math.abs(value - similarities[row]!) > slack,
      );
      // Four deviations leave out 6 of 100,000.
      expect(beyond.length).toBeLessThan(rows / 1000);
      expect(slack).toBeLessThan(0.05);
    });

    it("answers many at the same time", async () => {
      const vectors = unitRows(300, 64, 3);
      const index = createCodedIndex(addon!, inRowOrder(someCodes(vectors, 64)));
      const queries = Array.from({ length: 8 }, (_, at) => aQuery(64, at));
      const alone = [];
      for (const query of queries) alone.push((await index.estimate(query)).similarities);
      const together = await Promise.all(queries.map((query) => index.estimate(query)));
      expect(together.map(({ similarities }) => similarities)).toEqual(alone);
    });
  });

  describe("the addon", () => {
    it("refuses codes that do not fit together", () => {
      const query = new Int8Array(4);
      const [coarse, factors, target, peaks] = [
        new Uint8Array(6),
        ...[3, 3, 1].map((n) => new Float32Array(n)),
      ] as const;
      const scan = (...values: readonly unknown[]) =>
        (addon!.scanCodes as (...all: readonly unknown[]) => unknown)(...values);
      expect(() => scan(query, new Uint8Array(5), factors, 1, target, peaks)).toThrow(RangeError);
      expect(() => scan(new Int8Array(3), coarse, factors, 1, target, peaks)).toThrow(RangeError);
      expect(() => scan(new Int8Array(0), coarse, factors, 1, target, peaks)).toThrow(RangeError);
      expect(() => scan(query, coarse, new Float32Array(2), 1, target, peaks)).toThrow("factors has 3 values");
      expect(() => scan(query, coarse, factors, 1, new Float32Array(4), peaks)).toThrow("target has 3 values");
      expect(() => scan(query, coarse, factors, 1, target, new Float32Array(2))).toThrow("peaks has 1 values");
      expect(() => scan(query, coarse, factors, "1", target, peaks)).toThrow(TypeError);
      expect(() => scan(query, coarse, factors, 1, target, peaks, 1, 3)).toThrow("borders of blocks of 64 rows");
      expect(() => scan(query, coarse, factors, 1, target, peaks, 0, 4)).toThrow(RangeError);
      expect(() => scan([1, 2], coarse, factors, 1, target, peaks)).toThrow(TypeError);
    });

    it("refuses rows that are not there", () => {
      const query = new Float32Array(4);
      const [coarse, middle, lowest] = [6, 12, 3].map((n) => new Uint8Array(n)) as [Uint8Array, Uint8Array, Uint8Array];
      const refine = (row: number) => addon!.refineCodes(query, Int32Array.of(row), coarse, middle, coarse, lowest);
      expect([...refine(2)]).toEqual([0]);
      expect(() => refine(3)).toThrow("there is no row 3");
      expect(() => refine(-1)).toThrow("there is no row -1");
      expect(() => addon!.refineCodes(query, Int32Array.of(0), coarse, coarse, coarse, lowest)).toThrow(
        "middle has 12 bytes",
      );
    });
  });
});
