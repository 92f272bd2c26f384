import fc from "fast-check";
import { expect, it } from "vitest";
import { type Embedding, toEmbedding } from "../../src/domain/embedding.js";
import { aQuery, bestOf, oracle, smallNumbers, unitRows } from "./some-vectors.js";
import type { MakeIndex } from "./vector-index-contract.js";

/** The part of the contract about equal similarities: the lower row comes first and is the one that stays at the cut. */
export function vectorIndexTies(make: MakeIndex): void {
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
