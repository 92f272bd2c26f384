import { type ArtifactFile, artifactPaths } from "../src/domain/artifact.js";
import type { CatalogItem } from "../src/domain/catalog.js";
import { toItemRecord } from "../src/domain/catalog-record.js";
import type { Embedding } from "../src/domain/embedding.js";
import { createGrowingFile } from "./growing-file.js";
import type { VectorFile } from "./vector-file.js";

/** The growing catalog, on disk as it grows: a vector and its record are added in one step, so that they cannot come apart (V4's D04). */
export type CatalogRows = Readonly<{
  /**
   * Gives the row. One call after the other: what waits to be written stays small.
   * @throws RangeError when the vector is of another dimension; Error when the disk refuses.
   */
  add: (item: Omit<CatalogItem, "row">, embedding: Embedding) => Promise<number>;
  /** The same of an item whose line, without its end, is known. */
  addLine: (line: Uint8Array, category: string | null, embedding: Embedding) => Promise<number>;
  count: () => number;
  /** Writes what still waits; no row comes after it. */
  finish: () => Promise<FinishedRows>;
}>;

/** The rows of an artifact, in its folder, but for the manifest that vouches for them. */
export type FinishedRows = Readonly<{
  /** Of each row; null for a row without one. */
  categories: readonly (string | null)[];
  vectors: VectorFile;
  /** The items' and the vectors' file, as their manifest shall have them. */
  files: Readonly<Record<string, ArtifactFile>>;
}>;

/** Written in one go: half a megabyte of usual vectors, so that the calls do not count. */
const rowsAtOnce = 256;
/** Their lines, unless they have very much to say. */
const lineBytesAtOnce = 1 << 18;
const newline = 10;

/** Rows of `dimension` values, written into a folder that has neither items nor vectors yet. */
export function createCatalogRows(folder: string, dimension: number): CatalogRows {
  const itemFile = createGrowingFile(folder, artifactPaths.items);
  const vectorFile = createGrowingFile(folder, artifactPaths.embeddings);
  const values = new Float32Array(rowsAtOnce * dimension);
  // Bytes and no texts: whole megabytes of those would outlive the collector's first looks, and wait long for its last.
  let lines = Buffer.allocUnsafeSlow(lineBytesAtOnce);
  let [waiting, lineBytes] = [0, 0];
  const categories: (string | null)[] = [];
  const nameOf = createNames();

  async function write(): Promise<void> {
    // Little-endian, as every machine that ONNX Runtime runs on.
    await vectorFile.append(new Uint8Array(values.buffer, 0, waiting * dimension * 4));
    await itemFile.append(lines.subarray(0, lineBytes));
    [waiting, lineBytes] = [0, 0];
  }

  async function makeRoom(bytes: number): Promise<void> {
    if (lineBytes + bytes <= lines.length) return;
    if (waiting > 0) await write();
    if (bytes > lines.length) lines = Buffer.allocUnsafeSlow(bytes);
  }

  async function addLine(line: Uint8Array, category: string | null, embedding: Embedding): Promise<number> {
    const row = categories.length;
    if (embedding.length !== dimension) {
      throw new RangeError(`row ${row} takes ${dimension} values, not ${embedding.length}`);
    }
    await makeRoom(line.length + 1);
    lines.set(line, lineBytes);
    lineBytes = lines.writeUInt8(newline, lineBytes + line.length);
    values.set(embedding, waiting++ * dimension);
    categories.push(nameOf(category));
    if (waiting === rowsAtOnce) await write();
    return row;
  }

  return {
    add: async (item, embedding) => addLine(Buffer.from(JSON.stringify(toItemRecord(item))), item.category, embedding),
    addLine,
    count: () => categories.length,
    finish: async () => {
      if (waiting > 0) await write();
      const files = { [artifactPaths.items]: itemFile.describe(), [artifactPaths.embeddings]: vectorFile.describe() };
      return { categories, vectors: { file: vectorFile.file, rows: categories.length, dimension }, files };
    },
  };
}

/** A million items name some dozens of categories: one text each, not one for every item. */
function createNames(): (category: string | null) => string | null {
  const names = new Map<string | null, string | null>();
  return (category) => {
    const known = names.get(category);
    if (known !== undefined) return known;
    names.set(category, category);
    return category;
  };
}
