import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type ArtifactManifest, artifactPaths, indexPaths } from "../domain/artifact.js";
import type { Catalog, CatalogItem } from "../domain/catalog.js";
import { parseItemRecord } from "../domain/catalog-record.js";
import { type ArtifactWords, parseJson, readArtifactWords } from "./artifact-words.js";
import { checkVerifiedFile, readVerifiedFile } from "./verified-file.js";

/** A verified artifact: every file is what its manifest promises, and the parts agree with one another. */
export type Artifact = ArtifactWords &
  Readonly<{
    catalog: Catalog & Readonly<{ items: readonly CatalogItem[] }>;
    /** [items, dimension], each row of length 1. */
    vectors: Float32Array;
    /** The FAISS file, or null when the folder has none. */
    indexPath: string | null;
  }>;

/** Every field of an item at its longest stays below this. */
export const maxLineBytes = 1 << 16;
/** Read in one go, some two milliseconds' worth: a server that reloads answers others in between. */
const rowsAtOnce = 256;
/** How far an embedding may be from length 1; float32 rounding stays a hundred times below. */
export const unitTolerance = 1e-4;

/**
 * Reads and verifies an artifact folder.
 * @throws Error for the operator, not a ServiceError: one line that names the file, and the line in it, and what is wrong.
 */
export async function readArtifact(folder: string): Promise<Artifact> {
  return readItemsAndVectors(folder, await readArtifactWords(folder));
}

/** What comes between two stretches of a few milliseconds' work: others' turns, or a rest as well. */
export type Pause = () => Promise<void>;

/** The rest of the artifact that `words` are of. @throws Error as `readArtifact` */
export async function readItemsAndVectors(folder: string, words: ArtifactWords, pause?: Pause): Promise<Artifact> {
  const artifact = await readRows(folder, words, pause);
  const index = indexPaths[words.manifest.index];
  if (index !== null) await checkVerifiedFile(folder, index, words.manifest.files[index]!);
  return artifact;
}

/** Items and vectors of the artifact that `words` are of; the index is not looked at. @throws Error as `readArtifact` */
export async function readRows(folder: string, words: ArtifactWords, pause: Pause = nextTurn): Promise<Artifact> {
  const { manifest, digest } = words;
  const read = (path: string) => readVerifiedFile(folder, path, manifest.files[path]!);
  const items: CatalogItem[] = [];
  const itemsFile = join(folder, artifactPaths.items);
  const take = (item: CatalogItem) => items.push(item);
  const rowOfId = await walkItems(itemsFile, await read(artifactPaths.items), manifest, take, pause);
  const rowOf = (id: string) => rowOfId.get(id);
  const vectorsFile = join(folder, artifactPaths.embeddings);
  const vectors = await toVectors(vectorsFile, await read(artifactPaths.embeddings), manifest, pause);
  const indexPath = manifest.index === "faiss" ? join(folder, indexPaths.faiss) : null;
  return { ...words, catalog: { items, rowOf, digest }, vectors, indexPath };
}

/**
 * Shows every item of `items.jsonl` and where its line lies in the file, in row order; gives the row of each id.
 * @throws Error with one line that names what is wrong, and the line it is in.
 */
export async function walkItems(
  file: string,
  bytes: Uint8Array,
  { counts }: ArtifactManifest,
  visit: (item: CatalogItem, from: number, to: number) => void,
  pause: Pause = nextTurn,
): Promise<ReadonlyMap<string, number>> {
  const rowOfId = new Map<string, number>();
  const found = new Map<string | null, number>();
  let row = 0;
  for (let start = 0; start < bytes.length; row++) {
    const where = `${file} line ${row + 1}`;
    if (row === counts.items) throw new Error(`${where}: the manifest counts ${counts.items} items`);
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    if (end - start > maxLineBytes) throw new Error(`${where} is longer than ${maxLineBytes} bytes`);
    const parsed = parseItemRecord(parseJson(where, bytes.subarray(start, end)), row);
    if ("problems" in parsed) throw new Error(`${where}: ${parsed.problems.slice(0, 10).join(" ")}`);
    const { id, category } = parsed.value;
    const other = rowOfId.get(id);
    if (other !== undefined) throw new Error(`${where}: line ${other + 1} has the same id`);
    rowOfId.set(id, row);
    found.set(category, (found.get(category) ?? 0) + 1);
    visit(parsed.value, start, end);
    start = end + 1;
    if (row % rowsAtOnce === rowsAtOnce - 1) await pause();
  }
  if (row < counts.items) throw new Error(`${file} has ${row} lines, but the manifest counts ${counts.items} items`);
  found.delete(null);
  const agree = [...found].every(([category, count]) => counts.categories[category!] === count);
  if (!agree || found.size !== Object.keys(counts.categories).length) {
    throw new Error(`${file} does not have the categories that the manifest counts`);
  }
  return rowOfId;
}

/** The size was promised, and the promise held against items and dimension, before the bytes were read. */
async function toVectors(
  file: string,
  bytes: Uint8Array,
  { counts, dimension }: ArtifactManifest,
  pause: Pause,
): Promise<Float32Array> {
  const vectors = new Float32Array(bytes.buffer, bytes.byteOffset, counts.items * dimension);
  for (let row = 0; row < counts.items; row++) {
    let squares = 0;
    for (let at = row * dimension; at < (row + 1) * dimension; at++) squares += vectors[at]! * vectors[at]!;
    const length = Math.sqrt(squares);
    // Written so that NaN fails too.
    if (!(Math.abs(length - 1) <= unitTolerance)) throw new Error(`${file} row ${row} has length ${length}, not 1`);
    if (row % rowsAtOnce === 0) await pause();
  }
  return vectors;
}
