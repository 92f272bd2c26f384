import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Neighbor } from "../../src/domain/catalog.js";
import { dotProduct, type Embedding, toEmbedding } from "../../src/domain/embedding.js";
import type { VectorIndex } from "../../src/pipeline.js";

/** Makes the index under test over [rows * dimension]. */
export type MakeIndex = (vectors: Float32Array, dimension: number) => VectorIndex | Promise<VectorIndex>;

// Sums of 512 products in float32, in whatever order, stay within this of the sum in doubles.
const rounding = 1e-6;

/** What every `VectorIndex` must do, whoever implements it. */
export function vectorIndexContract(name: string, makeIndex: MakeIndex): void {
  describe(`${name}, as a vector index,`, () => {
    const opened: VectorIndex[] = [];
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((index) => index.close()));
    });
    const make: MakeIndex = async (vectors, dimension) => {
      const index = await makeIndex(vectors, dimension);
      opened.push(index);
      return index;
    };

    answersLikeTheOracle(make);
    breaksTies(make);
    keepsItsBorders(make);
    worksAtTheSameTime(make);
  });
}

function answersLikeTheOracle(make: MakeIndex): void {
  it.each([
    [1, 1],
    [7, 3],
    [50, 64],
    [33, 100],
    [20, 513],
    [300, 512],
  ])("gives the inner product of %i rows of %i values, in row order", async (rows, dimension) => {
    const vectors = unitRows(rows, dimension, 1);
    const index = await make(vectors, dimension);
    expect([index.rows, index.dimension]).toEqual([rows, dimension]);
    const query = aQuery(dimension, 2);
    const similarities = await index.similarities(query);
    expect(similarities).toBeInstanceOf(Float32Array);
    expect(similarities.length).toBe(rows);
    for (const [row, value] of oracle(vectors, dimension, query).entries()) {
      expect(Math.abs(similarities[row]! - value)).toBeLessThan(rounding);
    }
  });

  it.each([
    { count: 10, range: undefined },
    { count: 150, range: undefined },
    { count: 400, range: undefined },
    { count: 10, range: { from: 0, to: 400 } },
    { count: 10, range: { from: 0, to: 100 } },
    { count: 120, range: { from: 131, to: 290 } },
    { count: 10, range: { from: 397, to: 400 } },
    { count: 1, range: { from: 399, to: 400 } },
  ])("finds the best $count of $range", async ({ count, range }) => {
    const vectors = unitRows(400, 96, 3);
    const index = await make(vectors, 96);
    const query = aQuery(96, 4);
    const { from, to } = range ?? { from: 0, to: 400 };
    const found = await index.search(query, count, range);
    const wanted = bestOf(oracle(vectors, 96, query), from, to, count);
    expect(found.length).toBe(wanted.length);
    expect(new Set(found.map(({ row }) => row)).size).toBe(found.length);
    for (const [at, { row, similarity }] of wanted.entries()) {
      expect(Math.abs(found[at]!.similarity - similarity)).toBeLessThan(rounding);
      // Rows closer than the rounding may change places.
      const gaps = [wanted[at - 1], wanted[at + 1]].map((other) => Math.abs((other?.similarity ?? 9) - similarity));
      if (Math.min(...gaps) > rounding) expect(found[at]!.row).toBe(row);
    }
  });
}

function breaksTies(make: MakeIndex): void {
  it("orders exactly, ties by lower row and at the cut too, whatever the rows", async () => {
    // Small whole numbers multiply and add without rounding, and tie often.
    const cases = fc
      .record({ rows: fc.nat(60), dimension: fc.integer({ min: 1, max: 20 }), seed: fc.nat(), count: fc.nat(70) })
      .chain((shape) =>
        fc.record({ shape: fc.constant(shape), first: fc.nat(shape.rows), second: fc.nat(shape.rows) }),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, first, second }) => {
        const { rows, dimension, seed, count } = shape;
        const vectors = smallNumbers(rows * dimension, seed);
        const query = smallNumbers(dimension, seed + 1) as Embedding;
        const index = await make(vectors, dimension);
        const [from, to] = [Math.min(first, second), Math.max(first, second)];
        const values = oracle(vectors, dimension, query);
        expect(await index.search(query, count, { from, to })).toEqual(bestOf(values, from, to, count));
        expect(await index.search(query, count)).toEqual(bestOf(values, 0, rows, count));
        expect(Array.from(await index.similarities(query))).toEqual(values);
      }),
      { numRuns: 200 },
    );
  });

  it("keeps the lowest of equal rows when better rows come after them", async () => {
    const index = await make(Float32Array.of(0, 1, 0, 1, 0, 1, 0.6, 0.8, 0.6, 0.8), 2);
    const found = await index.search(toEmbedding(Float32Array.of(1, 0)), 3);
    expect(found.map(({ row }) => row)).toEqual([3, 4, 0]);
  });

  it("gives equal rows equal bits, wherever they stand", async () => {
    const dimension = 100;
    const vectors = unitRows(41, dimension, 5);
    const twins = [0, 1, 2, 3, 7, 16, 31, 40];
    for (const row of twins) vectors.set(vectors.slice(0, dimension), row * dimension);
    const index = await make(vectors, dimension);
    const query = aQuery(dimension, 6);
    const similarities = await index.similarities(query);
    expect(new Set(twins.map((row) => similarities[row])).size).toBe(1);
    const found = await index.search(query, 41);
    const places = twins.map((twin) => found.findIndex(({ row }) => row === twin));
    expect(new Set(places.map((place) => found[place]!.similarity)).size).toBe(1);
    expect(places).toEqual(twins.map((_, at) => places[0]! + at));
  });
}

function keepsItsBorders(make: MakeIndex): void {
  it("finds nothing when nothing is asked for or there is nothing to find", async () => {
    const index = await make(unitRows(5, 4, 7), 4);
    const query = aQuery(4, 8);
    expect(await index.search(query, 0)).toEqual([]);
    expect(await index.search(query, 3, { from: 2, to: 2 })).toEqual([]);
    const empty = await make(new Float32Array(0), 4);
    expect(empty.rows).toBe(0);
    expect(await empty.search(query, 3)).toEqual([]);
    expect(await empty.similarities(query)).toEqual(new Float32Array(0));
  });

  it.each([6, 2 ** 31, Number.MAX_SAFE_INTEGER])("gives every row when asked for %i of 5", async (count) => {
    const index = await make(unitRows(5, 4, 7), 4);
    expect((await index.search(aQuery(4, 8), count)).map(({ row }) => row).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([
    [-1, undefined],
    [1.5, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [1, { from: -1, to: 2 }],
    [1, { from: 0, to: 6 }],
    [1, { from: 3, to: 2 }],
    [1, { from: 0.5, to: 2 }],
    [1, { from: 0, to: Number.NaN }],
  ])("refuses to find %d in %o", async (count, range) => {
    const index = await make(unitRows(5, 4, 7), 4);
    await expect(index.search(aQuery(4, 8), count, range)).rejects.toThrow(RangeError);
  });

  it.each([
    ["too short", aQuery(3, 8)],
    ["too long", aQuery(8, 8)],
    ["empty", new Float32Array(0) as Embedding],
    ["not a number", Float32Array.of(1, 0, Number.NaN, 0) as Embedding],
    ["infinite", Float32Array.of(1, 0, Number.NEGATIVE_INFINITY, 0) as Embedding],
  ])("refuses a query that is %s", async (_, query) => {
    const index = await make(unitRows(5, 4, 7), 4);
    await expect(index.similarities(query)).rejects.toThrow(RangeError);
    await expect(index.search(query, 1)).rejects.toThrow(RangeError);
  });

  it.each([
    ["part of a row", new Float32Array(7), 4],
    ["a value that is not a number", Float32Array.of(1, 0, 0, Number.NaN), 4],
    ["an infinite value", Float32Array.of(1, 0, Number.POSITIVE_INFINITY, 0), 2],
    ["rows of no values", new Float32Array(4), 0],
    ["rows of half a value", new Float32Array(4), 0.5],
  ])("refuses to be made of %s", async (_, vectors, dimension) => {
    await expect((async () => make(vectors, dimension))()).rejects.toThrow(RangeError);
  });
}

function worksAtTheSameTime(make: MakeIndex): void {
  it("answers each of many questions at once with its own answer", async () => {
    const vectors = unitRows(200, 48, 9);
    const index = await make(vectors, 48);
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, row) => {
        const query = toEmbedding(vectors.slice(row * 48, (row + 1) * 48));
        const [found, similarities] = await Promise.all([index.search(query, 1), index.similarities(query)]);
        return [found[0]!.row, similarities.indexOf(Math.max(...similarities))];
      }),
    );
    expect(answers).toEqual(answers.map((_, row) => [row, row]));
  });

  it("does not look at the caller's array again once it has been asked", async () => {
    const index = await make(Float32Array.of(1, 0, 0, 1), 2);
    const query = toEmbedding(Float32Array.of(1, 0));
    const pending = [index.similarities(query), index.search(query, 1)] as const;
    query.set([0, 1]);
    expect(await pending[0]).toEqual(Float32Array.of(1, 0));
    expect(await pending[1]).toEqual([{ row: 0, similarity: 1 }]);
  });

  it("ends what is running when closed, and refuses what comes after", async () => {
    const index = await make(unitRows(50, 8, 10), 8);
    const query = aQuery(8, 11);
    const running = [index.similarities(query), index.search(query, 3)] as const;
    await index.close();
    expect((await running[0]).length).toBe(50);
    expect((await running[1]).length).toBe(3);
    await expect(index.similarities(query)).rejects.toThrow("the index is closed");
    await expect(index.search(query, 1)).rejects.toThrow("the index is closed");
    await index.close();
  });
}

/** The same numbers for the same seed, roughly uniform in [-1, 1) (mulberry32). */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

function smallNumbers(count: number, seed: number): Float32Array {
  return numbers(count, seed).map((value) => Math.round(value * 2) + 0);
}

function aQuery(dimension: number, seed: number): Embedding {
  return toEmbedding(numbers(dimension, seed));
}

function unitRows(rows: number, dimension: number, seed: number): Float32Array {
  const vectors = numbers(rows * dimension, seed);
  for (let row = 0; row < rows; row++) {
    const start = row * dimension;
    vectors.set(toEmbedding(vectors.slice(start, start + dimension)), start);
  }
  return vectors;
}

function oracle(vectors: Float32Array, dimension: number, query: Float32Array): number[] {
  return Array.from({ length: vectors.length / dimension }, (_, row) =>
    dotProduct(vectors.subarray(row * dimension, (row + 1) * dimension), query),
  );
}

function bestOf(values: readonly number[], from: number, to: number, count: number): Neighbor[] {
  return values
    .map((similarity, row) => ({ row, similarity }))
    .slice(from, to)
    .sort((left, right) => right.similarity - left.similarity || left.row - right.row)
    .slice(0, count);
}
