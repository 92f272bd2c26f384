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

/** The rest of the artifact that `words` are of. @throws Error as `readArtifact` */
export async function readItemsAndVectors(
  folder: string,
  words: ArtifactWords,
  pause: Pause = nextTurn,
): Promise<Artifact> {
  const { manifest } = words;
  const catalog = await readItems(folder, words, pause);
  const path = artifactPaths.embeddings;
  const bytes = await readVerifiedFile(folder, path, manifest.files[path]!);
  const vectors = await toVectors(join(folder, path), bytes, manifest, pause);
  await checkIndex(folder, manifest);
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
  const take = ({ row, where, from, to }: ItemLine) => {
    const parsed = parseItemRecord(parseJson(where, bytes.subarray(from, to)), row);
    if ("problems" in parsed) throw new Error(`${where}: ${parsed.problems.slice(0, 10).join(" ")}`);
    const { id, category } = parsed.value;
    const other = rowOfId.get(id);
    if (other !== undefined) throw new Error(`${where}: line ${other + 1} has the same id`);
    rowOfId.set(id, row);
    found.set(category, (found.get(category) ?? 0) + 1);
    visit(parsed.value, from, to);
  };
  await walkLines(file, bytes, counts.items, take, pause);
  found.delete(null);
  const agree = [...found].every(([category, count]) => counts.categories[category!] === count);
  if (!agree || found.size !== Object.keys(counts.categories).length) {
    throw new Error(`${file} does not have the categories that the manifest counts`);
  }
  return rowOfId;
}

/** Where a line of `items.jsonl` lies in the file, without its end; `where` names it in messages. */
export type ItemLine = Readonly<{ row: number; where: string; from: number; to: number }>;

/** Shows every line of `items.jsonl`, in row order. @throws Error with one line when they are not so many, or one is too long. */
export async function walkLines(
  file: string,
  bytes: Uint8Array,
  items: number,
  visit: (line: ItemLine) => void,
  pause: Pause = nextTurn,
): Promise<void> {
  let row = 0;
  for (let from = 0; from < bytes.length; row++) {
    const where = `${file} line ${row + 1}`;
    if (row === items) throw new Error(`${where}: the manifest counts ${items} items`);
    const newline = bytes.indexOf(10, from);
    const to = newline < 0 ? bytes.length : newline;
    if (to - from > maxLineBytes) throw new Error(`${where} is longer than ${maxLineBytes} bytes`);
    visit({ row, where, from, to });
    from = to + 1;
    if (row % rowsAtOnce === rowsAtOnce - 1) await pause();
  }
  if (row < items) throw new Error(`${file} has ${row} lines, but the manifest counts ${items} items`);
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
