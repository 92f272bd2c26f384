import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type ArtifactManifest, artifactPaths, indexPaths } from "../domain/artifact.js";
import type { Catalog, CatalogItem } from "../domain/catalog.js";
import { parseItemRecord } from "../domain/catalog-record.js";
import { type ArtifactWords, parseJson, readArtifactWords } from "./artifact-words.js";
import { createVectorCheck, requireUnit } from "./vector-check.js";
import { checkVerifiedFile, readVerifiedFile, scanVerifiedFile } from "./verified-file.js";

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
  await checkIndex(folder, words.manifest);
  return artifact;
}

/**
 * The same for whoever has the index read from its file: the vectors are verified as they pass and not held, for a copy of
 * them makes the collector look through all there is. @throws Error as `readArtifact`
 */
export async function readItemsAndIndex(
  folder: string,
  words: ArtifactWords,
  pause?: Pause,
): Promise<Omit<Artifact, "vectors">> {
  const { manifest } = words;
  const catalog = await readItems(folder, words, pause);
  const { take, end } = createVectorCheck(join(folder, artifactPaths.embeddings), manifest.dimension);
  await scanVerifiedFile(folder, artifactPaths.embeddings, manifest.files[artifactPaths.embeddings]!, take);
  end();
  await checkIndex(folder, manifest);
  return { ...words, catalog, indexPath: toIndexPath(folder, manifest) };
}

/** Items and vectors of the artifact that `words` are of; the index is not looked at. @throws Error as `readArtifact` */
export async function readRows(folder: string, words: ArtifactWords, pause: Pause = nextTurn): Promise<Artifact> {
  const { manifest } = words;
  const catalog = await readItems(folder, words, pause);
  const path = artifactPaths.embeddings;
  const bytes = await readVerifiedFile(folder, path, manifest.files[path]!);
  const vectors = await toVectors(join(folder, path), bytes, manifest, pause);
  return { ...words, catalog, vectors, indexPath: toIndexPath(folder, manifest) };
}

async function readItems(folder: string, words: ArtifactWords, pause?: Pause): Promise<Artifact["catalog"]> {
  const { manifest, digest } = words;
  const items: CatalogItem[] = [];
  const path = artifactPaths.items;
  const bytes = await readVerifiedFile(folder, path, manifest.files[path]!);
  const rowOfId = await walkItems(join(folder, path), bytes, manifest, (item) => items.push(item), pause);
  return { items, rowOf: (id) => rowOfId.get(id), digest };
}

async function checkIndex(folder: string, { index, files }: ArtifactManifest): Promise<void> {
  const path = indexPaths[index];
  if (path !== null) await checkVerifiedFile(folder, path, files[path]!);
}

function toIndexPath(folder: string, { index }: ArtifactManifest): string | null {
  return index === "faiss" ? join(folder, indexPaths.faiss) : null;
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
    requireUnit(file, row, vectors.subarray(row * dimension, (row + 1) * dimension));
    if (row % rowsAtOnce === 0) await pause();
  }
  return vectors;
}
