import { itemTextRules } from "../src/domain/catalog-record.js";
import { type Embedding, toEmbedding } from "../src/domain/embedding.js";
import type { DamageList } from "./import-v4-damage.js";
import type { V4Category, V4Record } from "./import-v4-records.js";
import type { V4Vectors } from "./import-v4-vectors.js";
import { groupBy, toId } from "./picture-finder.js";

/** A record with its vector, under an id that no other item has. */
export type V4Item = Readonly<{
  record: V4Record;
  id: string;
  /** By the names of today. */
  category: string;
  /** Of its picture, from the folder that all pictures lay in; null when V4 did not say. */
  path: string | null;
  embedding: Embedding;
}>;

/** How far from 1 a length is by rounding alone: as an artifact's reader has it. */
const unitTolerance = 1e-4;

/** The items whose record and vector belong together and are sound, in the order of their ids. */
export function joinV4(
  categories: readonly V4Category[],
  vectors: V4Vectors,
  toCategory: (name: string) => string,
  damage: DamageList,
): readonly V4Item[] {
  const kept: Readonly<{ record: V4Record; embedding: Embedding }>[] = [];
  for (const { name, records } of categories) {
    const values = vectors.ofCategory(name);
    if (values === null) continue;
    for (const [row, record] of records.entries()) {
      if (record === null || vectors.isDisputed(name, row)) continue;
      const from = row * vectors.dimension;
      const embedding = toUnit(values.subarray(from, from + vectors.dimension), record.id, damage);
      if (embedding !== null) kept.push({ record, embedding });
    }
  }
  const paths = shortenPaths(kept.map(({ record }) => record.path));
  const items = kept.map((each, i) => ({ ...each, path: paths[i]!, category: toCategory(each.record.category) }));
  return nameItems(items, damage);
}

/** V4's own bits where their length is 1. */
function toUnit(values: Float32Array, id: string, damage: DamageList): Embedding | null {
  const length = Math.hypot(...values);
  if (!Number.isFinite(length) || length === 0) {
    damage.add(length === 0 ? "vector_zero" : "vector_not_finite", id);
    return null;
  }
  if (Math.abs(length - 1) <= unitTolerance) return values as Embedding;
  damage.add("vector_not_unit", id);
  return toEmbedding(values);
}

/** Paths from the folder that all of them lie in. */
function shortenPaths(paths: readonly (string | null)[]): readonly (string | null)[] {
  let common: readonly string[] | null = null;
  for (const path of paths) {
    const folders: readonly string[] = path === null ? [] : path.split("/").slice(0, -1);
    if (path !== null) common = common === null ? folders : sharedStart(common, folders);
  }
  const start = common?.length ?? 0;
  return paths.map((path) => {
    const short = path?.split("/").slice(start).join("/");
    return itemTextRules.path.accepts(short) ? short! : null;
  });
}

function sharedStart(one: readonly string[], other: readonly string[]): readonly string[] {
  const end = one.findIndex((folder, i) => folder !== other[i]);
  return end < 0 ? one : one.slice(0, end);
}

type Unnamed = Omit<V4Item, "id">;

/** V4's ids where they are one item's alone; else the path, as `catalog build` has it. */
function nameItems(items: readonly Unnamed[], damage: DamageList): readonly V4Item[] {
  const sharers = groupBy(items, ({ record }) => record.id);
  const pathSharers = groupBy(items, ({ path }) => (path === null ? "" : toId(path)));
  const named = new Map<string, V4Item>();
  for (const item of items) {
    const { record, path } = item;
    const isShared = sharers.get(record.id)!.length > 1;
    const pathId = path === null || pathSharers.get(toId(path))!.length > 1 ? path : toId(path);
    const id = isShared && pathId !== null && itemTextRules.id.accepts(pathId) ? pathId : record.id;
    if (named.has(id)) {
      damage.add("item_twice", id);
      continue;
    }
    if (isShared) damage.add("id_shared", `${record.id} is ${id}`);
    named.set(id, { ...item, id });
  }
  return [...named.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}
