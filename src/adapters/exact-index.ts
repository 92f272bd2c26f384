import { setImmediate as nextTurn } from "node:timers/promises";
import type { Neighbor } from "../domain/catalog.js";
import { toExactEstimate } from "../domain/contenders.js";
import { type Embedding, toEmbedding } from "../domain/embedding.js";
import type { FlatIndex } from "../pipeline.js";
import { selectBest } from "./select-best.js";

// About two milliseconds of multiplications, so that other requests and /ping get their turn.
const productsPerTurn = 2 ** 21;

/**
 * The `FlatIndex` contract in TypeScript, for where FAISS is absent. `vectors` is [rows * dimension] of finite values
 * and is not copied: it must not change afterwards.
 * @throws RangeError when the array does not hold whole rows of finite values.
 */
export function createExactIndex(vectors: Float32Array, dimension: number): FlatIndex {
  requireRows("vectors", vectors, dimension);
  const rows = vectors.length / dimension;
  const running = new Set<Promise<unknown>>();
  let closed = false;

  function requireOpen(): void {
    if (closed) throw new Error("the index is closed");
  }

  async function scan(query: Float32Array, from: number, to: number): Promise<Float32Array> {
    requireOpen();
    requireQuery(query, dimension);
    // A caller may reuse its array while the scan waits for its next turn.
    return scanRange(query.slice(), vectors.subarray(from * dimension, to * dimension));
  }

  async function scanEach(queries: Float32Array): Promise<Float32Array> {
    requireOpen();
    requireRows("queries", queries, dimension);
    const own = queries.slice();
    const values = new Float32Array((own.length / dimension) * rows);
    for (let at = 0; at < own.length; at += dimension) {
      values.set(await scanRange(own.subarray(at, at + dimension), vectors), (at / dimension) * rows);
    }
    return values;
  }

  async function tracked<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }

  async function search(query: Embedding, count: number, range = { from: 0, to: rows }): Promise<readonly Neighbor[]> {
    requireRange(range, rows);
    if (!Number.isInteger(count) || count < 0) throw new RangeError("count is a whole number of at least 0");
    const values = await tracked(scan(query, range.from, range.to));
    return selectBest(values, count).map((at) => ({ row: range.from + at, similarity: values[at]! }));
  }

  return {
    ...{ kind: "exact", rows, dimension },
    estimate: async (query) => toExactEstimate(await tracked(scan(query, 0, rows))),
    embeddingOf: async (row) => {
      requireRange({ from: row, to: row + 1 }, rows);
      return toEmbedding(vectors.slice(row * dimension, (row + 1) * dimension));
    },
    similarities: (query) => tracked(scan(query, 0, rows)),
    similaritiesOfEach: (queries) => tracked(scanEach(queries)),
    search,
    close: async () => {
      closed = true;
      await Promise.allSettled(running);
    },
  };
}

/** Inner product of the query, [dimension], with each of the rows, turn by turn. */
async function scanRange(query: Float32Array, vectors: Float32Array): Promise<Float32Array> {
  const dimension = query.length;
  const values = new Float32Array(vectors.length / dimension);
  const rowsPerTurn = Math.max(1, Math.floor(productsPerTurn / dimension));
  for (let start = 0; start < values.length; start += rowsPerTurn) {
    if (start > 0) await nextTurn();
    const end = Math.min(values.length, start + rowsPerTurn);
    for (let row = start; row < end; row++) values[row] = rowProduct(query, vectors, row * dimension);
  }
  return values;
}

/** Inner product in doubles; four sums, because one alone waits for each addition to end. */
function rowProduct(query: Float32Array, vectors: Float32Array, start: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  const whole = query.length - (query.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const at = start + i;
    first += query[i]! * vectors[at]!;
    second += query[i + 1]! * vectors[at + 1]!;
    third += query[i + 2]! * vectors[at + 2]!;
    fourth += query[i + 3]! * vectors[at + 3]!;
  }
  for (let i = whole; i < query.length; i++) first += query[i]! * vectors[start + i]!;
  return first + second + (third + fourth);
}

function requireRows(name: string, vectors: Float32Array, dimension: number): void {
  if (!Number.isInteger(dimension) || dimension < 1) throw new RangeError("dimension is a whole number of at least 1");
  if (vectors.length % dimension !== 0) {
    throw new RangeError(`${name} holds rows of ${dimension} values, not ${vectors.length} values`);
  }
  requireFinite(name, vectors);
}

function requireQuery(query: Float32Array, dimension: number): void {
  if (query.length !== dimension) {
    throw new RangeError(`query holds one row of ${dimension} values, not ${query.length} values`);
  }
  requireFinite("query", query);
}

/** A plain loop: millions of calls of a function would keep a server that reloads from answering meanwhile. */
function requireFinite(name: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new RangeError(`${name} is not finite at ${i}`);
  }
}

function requireRange({ from, to }: Readonly<{ from: number; to: number }>, rows: number): void {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > rows || from > to) {
    throw new RangeError(`a range lies within 0 and ${rows}, not ${from} to ${to}`);
  }
}
