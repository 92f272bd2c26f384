import { afterEach, describe, expect, it } from "vitest";
import { type Embedding, toEmbedding } from "../../src/domain/embedding.js";
import type { FlatIndex } from "../../src/pipeline.js";
import { aQuery, bestOf, oracle, unitRows } from "./some-vectors.js";
import { vectorIndexTies } from "./vector-index-ties.js";

/** Makes the index under test over [rows * dimension]. */
export type MakeIndex = (vectors: Float32Array, dimension: number) => FlatIndex | Promise<FlatIndex>;

// Sums of 512 products in float32, in whatever order, stay within this of the sum in doubles.
const rounding = 1e-6;

/** What every `FlatIndex` must do, whoever implements it. */
export function vectorIndexContract(name: string, makeIndex: MakeIndex): void {
  describe(`${name}, as a vector index,`, () => {
    const opened: FlatIndex[] = [];
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((index) => index.close()));
    });
    const make: MakeIndex = async (vectors, dimension) => {
      const index = await makeIndex(vectors, dimension);
      opened.push(index);
      return index;
    };

    answersLikeTheOracle(make);
    answersManyAsItAnswersOne(make);
    vectorIndexTies(make);
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

function answersManyAsItAnswersOne(make: MakeIndex): void {
  it.each([
    [0, 5, 4],
    [1, 0, 4],
    [1, 9, 100],
    [8, 40, 64],
    [21, 133, 70],
  ])("gives %i queries with %i rows of %i values the bits that each has alone", async (count, rows, dimension) => {
    const index = await make(unitRows(rows, dimension, 1), dimension);
    const queries = unitRows(count, dimension, 2);
    const alone: number[] = [];
    for (let at = 0; at < queries.length; at += dimension) {
      alone.push(...(await index.similarities(queries.slice(at, at + dimension) as Embedding)));
    }
    expect(await index.similaritiesOfEach(queries)).toEqual(Float32Array.from(alone));
  });

  it("refuses queries that are no whole rows, or not finite", async () => {
    const index = await make(unitRows(5, 4, 7), 4);
    await expect(index.similaritiesOfEach(new Float32Array(7))).rejects.toThrow(RangeError);
    await expect(index.similaritiesOfEach(Float32Array.of(1, 0, 0, Number.NaN))).rejects.toThrow(RangeError);
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
    const each = Float32Array.of(1, 0, 0, 1);
    const answers = index.similaritiesOfEach(each);
    each.fill(7);
    expect(await answers).toEqual(Float32Array.of(1, 0, 0, 1));
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
