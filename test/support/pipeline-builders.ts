import { createLruStore } from "../../src/adapters/lru-store.js";
import { type Shelf, toShelf } from "../../src/domain/answer.js";
import type { CatalogItem } from "../../src/domain/catalog.js";
import { toSwatch } from "../../src/domain/color.js";
import { toExactEstimate } from "../../src/domain/contenders.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import type { Rgb } from "../../src/domain/image.js";
import type { Query } from "../../src/domain/query.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { uncalibrated } from "../../src/domain/vote-confidence.js";
import type { EncoderState, PipelineParts, VectorIndex } from "../../src/pipeline.js";
import { createFeatureCache, type FeatureKey } from "../../src/serving/feature-cache.js";
import { anItem } from "./an-artifact.js";

/** A query for the first item of the catalog; say only what matters. */
export function aQuery(changes: Partial<Query> = {}): Query {
  return {
    source: { kind: "image", bytes: Uint8Array.of(1) },
    mode: "outfit",
    profile: "v5",
    gender: null,
    category: null,
    topK: null,
    itemsPerCategory: null,
    excludeIds: [],
    explain: false,
    ...changes,
  };
}

/** A full-precision session on the CPU that nobody had to choose. */
export function anEncoderState(changes: Partial<EncoderState> = {}): EncoderState {
  return {
    ...{ provider: "cpu", precision: "fp32", digest: "1234", degraded: false, workers: 2, threads: 1, rungs: [] },
    setting: { goal: "throughput", measured: [], note: null },
    ...changes,
  };
}

/** An item with its similarity to every query, and what else matters of it. */
export type ShelfItem = Readonly<{ id: string; category: string; similarity: number }> &
  Partial<Pick<CatalogItem, "gender" | "meanColor" | "title" | "price" | "url" | "imageUrl">> &
  Readonly<{ rgb?: Rgb }>;

const side = 224;

/**
 * Parts that see every picture as red in v5 and as blue in v4 and compare nothing: similarities are the items' own.
 * Times pass by one millisecond a look at the clock.
 */
export function pipelineParts(items: readonly ShelfItem[], changes: Partial<PipelineParts> = {}): PipelineParts {
  let time = 0;
  return {
    keyOf: async (bytes, { meanColor }) => `${bytes} ${meanColor}` as FeatureKey,
    features: createFeatureCache({
      store: createLruStore({ entries: 0, bytes: 0, now: () => 0 }),
      ttlMs: 1,
      bytesOf: () => 0,
    }),
    admitPixels: async () => () => {},
    fetchImage: async () => ({ bytes: Uint8Array.of(2), letGo: () => {} }),
    decodeImage: async (_bytes, { meanColor }) => ({
      size: { width: side, height: side },
      modelView: { width: side, height: side, pixels: new Uint8Array(side * side * 3) },
      palette: [toSwatch([200, 30, 40], 1)],
      meanColor: meanColor ? [30, 40, 200] : null,
    }),
    encode: async () => toEmbedding(Float32Array.of(1, 0)),
    index: anIndex(items.map(({ similarity }) => similarity)),
    shelf: aShelf(items),
    preprocess: "clip-exact-224",
    now: () => time++,
    ...changes,
  };
}

/** The items by the standard rules, or by others. */
export function aShelf(items: readonly ShelfItem[], rules = standardRules): Shelf {
  const rows = new Map(items.map(({ id }, row) => [id, row]));
  const catalog = { items: items.map(toItem), rowOf: (id: string) => rows.get(id) };
  return toShelf(catalog, { rules, calibration: uncalibrated });
}

function toItem({ similarity: _, rgb, ...item }: ShelfItem, row: number): CatalogItem {
  const palette = rgb === undefined ? {} : { palette: [toSwatch(rgb, 1)] as const };
  return anItem({ row, path: `${item.id}.png`, ...item, ...palette });
}

function anIndex(similarities: readonly number[]): VectorIndex {
  return {
    kind: "exact",
    rows: similarities.length,
    dimension: 2,
    estimate: async () => toExactEstimate(Float32Array.from(similarities)),
    embeddingOf: async (row) => toEmbedding(Float32Array.of(Math.cos(row), Math.sin(row))),
    close: async () => {},
  };
}
