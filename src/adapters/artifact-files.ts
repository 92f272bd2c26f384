import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type ArtifactManifest,
  artifactPaths,
  indexPaths,
  parseArtifactManifest,
  parseCalibration,
} from "../domain/artifact.js";
import type { Catalog, CatalogItem } from "../domain/catalog.js";
import { parseItemRecord } from "../domain/catalog-record.js";
import { toModelName } from "../domain/encoder-model.js";
import type { Parsed } from "../domain/parsed.js";
import { parseRankingRules, type RankingRules } from "../domain/ranking-rules.js";
import type { VoteCalibration } from "../domain/vote-confidence.js";
import { type EncoderFiles, readEncoderFiles } from "./encoder-files.js";
import { checkVerifiedFile, readPlainFile, readVerifiedFile } from "./verified-file.js";

/** An artifact but for its items, its vectors and its index. */
export type ArtifactWords = Readonly<{
  manifest: ArtifactManifest;
  /** sha-256 of the manifest. */
  digest: string;
  rules: RankingRules;
  calibration: VoteCalibration;
  encoder: EncoderFiles;
}>;

/** A verified artifact: every file is what its manifest promises, and the parts agree with one another. */
export type Artifact = ArtifactWords &
  Readonly<{
    catalog: Catalog & Readonly<{ items: readonly CatalogItem[] }>;
    /** [items, dimension], each row of length 1. */
    vectors: Float32Array;
    /** The FAISS file, or null when the folder has none. */
    indexPath: string | null;
  }>;

/** A manifest of several hundred thousand thumbnails stays below this. */
const maxManifestBytes = 1 << 27;
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

/** The rest of the artifact that `words` are of. @throws Error as `readArtifact` */
export async function readItemsAndVectors(folder: string, words: ArtifactWords): Promise<Artifact> {
  const { manifest, digest } = words;
  const read = (path: string) => readVerifiedFile(folder, path, manifest.files[path]!);
  const items: CatalogItem[] = [];
  const itemsFile = join(folder, artifactPaths.items);
  const rowOfId = await walkItems(itemsFile, await read(artifactPaths.items), manifest, (item) => items.push(item));
  const rowOf = (id: string) => rowOfId.get(id);
  const vectorsFile = join(folder, artifactPaths.embeddings);
  const vectors = await toVectors(vectorsFile, await read(artifactPaths.embeddings), manifest);
  const index = indexPaths[manifest.index];
  if (index !== null) await checkVerifiedFile(folder, index, manifest.files[index]!);
  const indexPath = manifest.index === "faiss" ? join(folder, indexPaths.faiss) : null;
  return { ...words, catalog: { items, rowOf, digest }, vectors, indexPath };
}

/** Reads and verifies everything but items, vectors and index. @throws Error as `readArtifact` */
export async function readArtifactWords(folder: string): Promise<ArtifactWords> {
  const { manifest, digest } = await readArtifactManifest(folder);
  const read = (path: string) => readVerifiedFile(folder, path, manifest.files[path]!);
  const rules = parseFile(folder, artifactPaths.rules, await read(artifactPaths.rules), parseRankingRules);
  const calibrationBytes = await read(artifactPaths.calibration);
  const calibration = parseFile(folder, artifactPaths.calibration, calibrationBytes, parseCalibration);
  const done = ["items", "rules", "calibration", "embeddings"] as const;
  const others = new Set<string | null>([...done.map((each) => artifactPaths[each]), indexPaths[manifest.index]]);
  for (const [path, promised] of Object.entries(manifest.files)) {
    if (!others.has(path)) await checkVerifiedFile(folder, path, promised);
  }
  return { manifest, digest, rules, calibration, encoder: await readEncoder(join(folder, "encoder"), manifest) };
}

/** The manifest alone, and the sha-256 of its bytes, which names the whole artifact. @throws Error as `readArtifact`. */
export async function readArtifactManifest(
  folder: string,
): Promise<Readonly<{ manifest: ArtifactManifest; digest: string }>> {
  const bytes = await readPlainFile(folder, "manifest.json", maxManifestBytes);
  const manifest = parseFile(folder, "manifest.json", bytes, parseArtifactManifest);
  return { manifest, digest: createHash("sha256").update(bytes).digest("hex") };
}

export function parseFile<T>(folder: string, path: string, bytes: Uint8Array, parse: (value: unknown) => Parsed<T>): T {
  const file = join(folder, path);
  const parsed = parse(parseJson(file, bytes));
  if ("problems" in parsed) throw new Error(`${file} is not valid: ${parsed.problems.slice(0, 10).join(" ")}`);
  return parsed.value;
}

export function parseJson(where: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    // The parser's own message may quote several lines of the file.
    throw new Error(`${where} is not JSON`, { cause: error });
  }
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
    if (row % rowsAtOnce === rowsAtOnce - 1) await nextTurn();
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
): Promise<Float32Array> {
  const vectors = new Float32Array(bytes.buffer, bytes.byteOffset, counts.items * dimension);
  for (let row = 0; row < counts.items; row++) {
    let squares = 0;
    for (let at = row * dimension; at < (row + 1) * dimension; at++) squares += vectors[at]! * vectors[at]!;
    const length = Math.sqrt(squares);
    // Written so that NaN fails too.
    if (!(Math.abs(length - 1) <= unitTolerance)) throw new Error(`${file} row ${row} has length ${length}, not 1`);
    if (row % rowsAtOnce === 0) await nextTurn();
  }
  return vectors;
}

/** The model of the name that made the vectors, as the encoder has it. */
function vectorsModelOf({ models }: EncoderFiles, { encodedBy }: ArtifactManifest): string {
  const found = models.find(({ model }) => toModelName(model) === encodedBy.model);
  return found === undefined ? `no ${encodedBy.model}` : `${encodedBy.model} ${found.digest}`;
}

/** Every file has been found to have the digest that the artifact's manifest promises. */
export async function readEncoder(folder: string, manifest: ArtifactManifest): Promise<EncoderFiles> {
  const found = Object.entries(manifest.files).map(
    ([path, { sha256 }]) => [path.replace("encoder/", ""), sha256] as const,
  );
  const encoder = await readEncoderFiles(folder, new Map(found));
  const { name, preprocess, output, models } = encoder.manifest;
  const differences = [
    ...models.map(({ file }) => [
      "file",
      Object.hasOwn(manifest.files, `encoder/${file}`) ? file : "a file it does not name",
      file,
    ]),
    ["encoderDigest", manifest.encoderDigest, encoder.digest],
    [
      "the vectors' model",
      `${manifest.encodedBy.model} ${manifest.encodedBy.digest}`,
      vectorsModelOf(encoder, manifest),
    ],
    ["encoderName", manifest.encoderName, name],
    ["preprocess", manifest.preprocess, preprocess],
    ["dimension", manifest.dimension, output.dimension],
  ].filter(([, promised, found]) => promised !== found);
  if (differences.length === 0) return encoder;
  const listed = differences.map(([what, promised, found]) => `${what} is ${found}, not ${promised}`);
  throw new Error(`${folder} is not the encoder that the manifest names: ${listed.join("; ")}`);
}
