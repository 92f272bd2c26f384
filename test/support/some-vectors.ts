import type { Neighbor } from "../../src/domain/catalog.js";
import { dotProduct, type Embedding, toEmbedding } from "../../src/domain/embedding.js";

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

/** Whole numbers from -2 to 2: their products and sums are exact in float32. */
export function smallNumbers(count: number, seed: number): Float32Array {
  return numbers(count, seed).map((value) => Math.round(value * 2) + 0);
}

/** A vector of length 1. */
export function aQuery(dimension: number, seed: number): Embedding {
  return toEmbedding(numbers(dimension, seed));
}

/** Rows of length 1, [rows * dimension]. */
export function unitRows(rows: number, dimension: number, seed: number): Float32Array {
  const vectors = numbers(rows * dimension, seed);
  for (let row = 0; row < rows; row++) {
    const start = row * dimension;
    vectors.set(toEmbedding(vectors.slice(start, start + dimension)), start);
  }
  return vectors;
}

/** Inner products in doubles, in row order: what an index must come close to. */
export function oracle(vectors: Float32Array, dimension: number, query: Float32Array): number[] {
  return Array.from({ length: vectors.length / dimension }, (_, row) =>
    dotProduct(vectors.subarray(row * dimension, (row + 1) * dimension), query),
  );
}

/** What `search` must find, by sorting everything. */
export function bestOf(values: readonly number[], from: number, to: number, count: number): Neighbor[] {
  return values
    .map((similarity, row) => ({ row, similarity }))
    .slice(from, to)
    .sort((left, right) => right.similarity - left.similarity || left.row - right.row)
    .slice(0, count);
}
