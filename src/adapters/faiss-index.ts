import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { FaissAddon, FaissIndex, SearchResult } from "../../native/faiss/addon.js";
import type { Neighbor } from "../domain/catalog.js";
import { toExactEstimate } from "../domain/contenders.js";
import { toEmbedding } from "../domain/embedding.js";
import type { FlatIndex } from "../pipeline.js";

/** Whether the addon can be used here, and if not why, in words for an operator. */
export type FaissAvailability =
  | Readonly<{ available: true; version: string; addon: FaissAddon }>
  | Readonly<{ available: false; reason: string }>;

// Beside the sources for tests, one folder further up for the compiled code.
const places = ["../../native/faiss/build/stygig_faiss.node", "../../../native/faiss/build/stygig_faiss.node"];

// Below this many values, 32 MiB, they are in the processor's cache: one core is as fast as memory, and two cost a wake-up.
const valuesWorthTwoCores = 2 ** 23;
const mostParts = 4;

let known: FaissAvailability | null = null;

/** Loads the addon on the first call and remembers the outcome. Never throws. */
export function faissAvailability(): FaissAvailability {
  known ??= loadAddon();
  return known;
}

/**
 * A FAISS flat inner-product index over a copy of `vectors`, [rows * dimension] of finite values.
 * @throws RangeError when the array does not hold whole rows of finite values; Error when the addon is absent.
 */
export function createFaissIndex(vectors: Float32Array, dimension: number): FlatIndex {
  return toFlatIndex(buildIndex(vectors, dimension));
}

/**
 * Reads a FAISS file that must be a flat inner-product index of exactly this shape.
 * @throws Error naming every difference, or what is wrong with the file.
 */
export async function readFaissIndex(
  path: string,
  expected: Readonly<{ rows: number; dimension: number }>,
): Promise<FlatIndex> {
  const index = await requireAddon().readIndex(path);
  const wanted = { ...expected, metric: "inner_product" } as const;
  const differences = (["rows", "dimension", "metric"] as const)
    .filter((property) => index[property] !== wanted[property])
    .map((property) => `${property} is ${index[property]} instead of ${wanted[property]}`);
  if (differences.length > 0) {
    index.close();
    throw new Error(`${path} is not this catalog's index: ${differences.join(", ")}`);
  }
  return toFlatIndex(index);
}

function loadAddon(): FaissAvailability {
  const path = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
  if (path === undefined) {
    const help = "apt-get install libfaiss-dev libopenblas-dev g++, then npm run build";
    return { available: false, reason: `FAISS addon not built (${help})` };
  }
  try {
    const addon: FaissAddon = createRequire(import.meta.url)(path);
    return { available: true, version: addon.faissVersion, addon };
  } catch (cause) {
    // Most often a runtime library that the image lacks; the loader's message names it.
    return { available: false, reason: `FAISS addon does not load: ${String(cause)}` };
  }
}

function requireAddon(): FaissAddon {
  const availability = faissAvailability();
  if (!availability.available) throw new Error(availability.reason);
  return availability.addon;
}

function buildIndex(vectors: Float32Array, dimension: number): FaissIndex {
  const index = requireAddon().createIndex(dimension, "Flat", "inner_product");
  index.add(vectors);
  return index;
}

function toFlatIndex(index: FaissIndex): FlatIndex {
  const running = new Set<Promise<unknown>>();
  async function tracked<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }
  return {
    kind: "faiss",
    rows: index.rows,
    dimension: index.dimension,
    estimate: async (query) => {
      requireOneRow(query, index);
      return toExactEstimate(await tracked(scanInParts(index, query)));
    },
    embeddingOf: async (row) => toEmbedding(await tracked(index.vectors(row, row + 1))),
    similarities: async (query) => {
      requireOneRow(query, index);
      return tracked(scanInParts(index, query));
    },
    similaritiesOfEach: async (queries) => tracked(index.similarities(queries)),
    search: async (query, count, range) => {
      requireOneRow(query, index);
      return toNeighbors(await tracked(index.search(query, count, range?.from, range?.to)));
    },
    close: async () => {
      index.close();
      await Promise.allSettled(running);
    },
  };
}

function requireOneRow(query: Float32Array, { dimension }: FaissIndex): void {
  if (query.length !== dimension) throw new RangeError(`query holds one row of ${dimension} values`);
}

/** A large index part by part at the same time, each on a thread of its own; every row's bits are the same. */
async function scanInParts(index: FaissIndex, query: Float32Array): Promise<Float32Array> {
  const { rows, dimension } = index;
  const count = rows * dimension < valuesWorthTwoCores ? 1 : Math.min(mostParts, availableParallelism());
  if (count === 1) return index.similarities(query);
  const borderOf = (part: number) => Math.floor((rows * part) / count);
  const parts = await Promise.all(
    Array.from({ length: count }, (_, part) => index.similarities(query, borderOf(part), borderOf(part + 1))),
  );
  const whole = new Float32Array(rows);
  for (const [part, values] of parts.entries()) whole.set(values, borderOf(part));
  return whole;
}

function toNeighbors({ rows, values }: SearchResult): readonly Neighbor[] {
  return Array.from(rows, (row, at) => ({ row, similarity: values[at]! }));
}
