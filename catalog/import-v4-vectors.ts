import { join } from "node:path";
import type { FaissIndex } from "../native/faiss/addon.js";
import { faissAvailability } from "../src/adapters/faiss-index.js";
import { dotProduct } from "../src/domain/embedding.js";
import { shown } from "../src/domain/json-fields.js";
import type { DamageList } from "./import-v4-damage.js";
import type { V4Category } from "./import-v4-records.js";
import { readNpz } from "./npz.js";

/** The vectors of the categories that have as many as they have records, in the order of the records. */
export type V4Vectors = Readonly<{
  /** Values a vector; 0 where there is none. */
  dimension: number;
  /** [records * dimension] of a category; null where vectors and records do not belong together. */
  ofCategory: (name: string) => Float32Array | null;
  /** Whether the index has another vector for this row of a category. */
  isDisputed: (name: string, row: number) => boolean;
  notes: readonly string[];
}>;

export type V4Files = Readonly<{ folder: string; npz: string | null; index: string | null }>;

/** CLIP has 512 to 1024; the rest is a margin. */
const maxDimension = 4096;
/** A million vectors of CLIP's 512. Zeros pack so well that a file of megabytes may hold them. */
const maxValues = 2 ** 29;
/** Vectors that differ by rounding alone agree to seven digits. */
const minAgreement = 0.9999;

/**
 * V4's vectors: those of embeddings.npz, which say their categories, held against the index that V4 searches; those of
 * the index where there are no others. @throws Error with one line for the operator
 */
export async function readV4Vectors(
  files: V4Files,
  categories: readonly V4Category[],
  damage: DamageList,
): Promise<V4Vectors> {
  if (files.npz === null) return fromIndex(files, categories);
  const { dimension, rows, byCategory } = await readArrays(join(files.folder, files.npz), categories, damage);
  const disputed = new Set<string>();
  const note = await compareIndex(files, { byCategory, dimension, rows, disputed }, damage);
  return {
    dimension,
    ofCategory: (name) => byCategory.get(name) ?? null,
    isDisputed: (name, row) => disputed.has(toPlace(name, row)),
    notes: note === null ? [] : [note],
  };
}

type Arrays = Readonly<{
  dimension: number;
  rows: ReadonlyMap<string, number>;
  byCategory: ReadonlyMap<string, Float32Array>;
}>;

async function readArrays(file: string, categories: readonly V4Category[], damage: DamageList): Promise<Arrays> {
  const records = new Map(categories.map(({ name, records }) => [name, records.length]));
  let [dimension, values] = [0, 0];
  const matrices = await readNpz(file, (name, { rows, columns }) => {
    if (rows === 0) return false;
    if (dimension === 0) dimension = columns;
    if (columns !== dimension || columns === 0 || columns > maxDimension) {
      throw new Error(
        `${shown(name)} has vectors of ${columns} values${dimension === columns ? "" : `, others of ${dimension}`}`,
      );
    }
    if (rows !== records.get(name)) return false;
    values += rows * columns;
    if (values > maxValues) throw new Error(`there are more than ${maxValues} values`);
    return true;
  });
  for (const [name, { rows }] of matrices) {
    if (!records.has(name) && rows > 0) damage.add("vectors_unnamed", `${name}: ${rows}`, rows);
  }
  for (const [name, count] of records) {
    const rows = matrices.get(name)?.rows ?? 0;
    if (rows !== count) damage.add("counts_differ", `${name}: ${count} records, ${rows} vectors`, count);
  }
  return {
    dimension,
    rows: new Map([...matrices].map(([name, { rows }]) => [name, rows])),
    byCategory: new Map([...matrices].flatMap(([name, { values }]) => (values === null ? [] : [[name, values]]))),
  };
}

type Comparison = Arrays & Readonly<{ disputed: Set<string> }>;

/** The place where an archive was unpacked says nothing to anybody. */
function inFolder({ message }: Error, folder: string): string {
  return message.replaceAll(`${folder}/`, "");
}

function toPlace(name: string, row: number): string {
  return `${name} ${row}`;
}

/** Gives why there was nothing to compare with, if so. */
async function compareIndex(files: V4Files, arrays: Comparison, damage: DamageList): Promise<string | null> {
  const { folder, index: path } = files;
  if (path === null) return "the artifact has no index: its vectors are held against nothing";
  const found = faissAvailability();
  if (!found.available) return `${path} was not compared with the vectors: ${found.reason}`;
  const opened = await found.addon.readIndex(join(folder, path)).catch((error: Error) => error);
  if (opened instanceof Error) return `${path} was not compared with the vectors: ${inFolder(opened, folder)}`;
  try {
    await compareRows(opened, arrays, damage);
    return null;
  } finally {
    opened.close();
  }
}

async function compareRows(index: FaissIndex, arrays: Comparison, damage: DamageList): Promise<void> {
  const { dimension, rows, byCategory, disputed } = arrays;
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  if (index.rows !== total || index.dimension !== dimension) {
    const [one, other] = [`${index.rows} x ${index.dimension}`, `${total} x ${dimension}`];
    damage.add("index_disagrees", `${one} in the index, ${other} in embeddings.npz`, Math.abs(index.rows - total));
    return;
  }
  let from = 0;
  // The index was filled from the same arrays in the same order.
  for (const [name, count] of rows) {
    const values = byCategory.get(name);
    const others = values === undefined ? [] : findOthers(values, await index.vectors(from, from + count), dimension);
    for (const row of others) {
      damage.add("vector_disagrees", toPlace(name, row));
      disputed.add(toPlace(name, row));
    }
    from += count;
  }
}

/** Rows whose vectors have another direction there; what is zero or not finite is told apart by itself. */
function findOthers(values: Float32Array, others: Float32Array, dimension: number): readonly number[] {
  const rows: number[] = [];
  for (let from = 0; from < values.length; from += dimension) {
    const [one, other] = [values.subarray(from, from + dimension), others.subarray(from, from + dimension)];
    const cosine = dotProduct(one, other) / Math.sqrt(dotProduct(one, one) * dotProduct(other, other));
    if (cosine < minAgreement) rows.push(from / dimension);
  }
  return rows;
}

async function fromIndex({ folder, index: path }: V4Files, categories: readonly V4Category[]): Promise<V4Vectors> {
  if (path === null) throw new Error("it has neither embeddings.npz nor faiss_index.index: there are no vectors");
  const found = faissAvailability();
  if (!found.available) throw new Error(`it has no embeddings.npz, and its index cannot be read: ${found.reason}`);
  const index = await found.addon.readIndex(join(folder, path)).catch((error: Error) => {
    throw new Error(`it has no embeddings.npz, and its index cannot be read: ${inFolder(error, folder)}`, {
      cause: error,
    });
  });
  try {
    const total = categories.reduce((sum, { records }) => sum + records.length, 0);
    if (index.rows !== total) {
      throw new Error(
        `it has ${total} items and ${index.rows} vectors (V4's D04), and no embeddings.npz to say which belong together`,
      );
    }
    const byCategory = new Map<string, Float32Array>();
    let from = 0;
    for (const { name, records } of categories) {
      if (records.length > 0) byCategory.set(name, await index.vectors(from, from + records.length));
      from += records.length;
    }
    const notes = ["the artifact has no embeddings.npz: the vectors of its index are taken"];
    const ofCategory = (name: string) => byCategory.get(name) ?? null;
    return { dimension: index.dimension, ofCategory, isDisputed: () => false, notes };
  } finally {
    index.close();
  }
}
