import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type ArtifactManifest,
  artifactPaths,
  countCategories,
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

/** A verified artifact: every file is what its manifest promises, and the parts agree with one another. */
export type Artifact = Readonly<{
  manifest: ArtifactManifest;
  catalog: Catalog & Readonly<{ items: readonly CatalogItem[] }>;
  rules: RankingRules;
  calibration: VoteCalibration;
  /** [items, dimension], each row of length 1. */
  vectors: Float32Array;
  encoder: EncoderFiles;
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
  const { manifest, digest } = await readArtifactManifest(folder);
  const read = (path: string) => readVerifiedFile(folder, path, manifest.files[path]!);
  const items = await parseItems(join(folder, artifactPaths.items), await read(artifactPaths.items), manifest);
  const rules = parseFile(folder, artifactPaths.rules, await read(artifactPaths.rules), parseRankingRules);
  const calibrationBytes = await read(artifactPaths.calibration);
  const calibration = parseFile(folder, artifactPaths.calibration, calibrationBytes, parseCalibration);
  const vectors = await toVectors(
    join(folder, artifactPaths.embeddings),
    await read(artifactPaths.embeddings),
    manifest,
  );
  const alreadyRead = new Set<string>(
    (["items", "rules", "calibration", "embeddings"] as const).map((each) => artifactPaths[each]),
  );
  for (const [path, promised] of Object.entries(manifest.files)) {
    if (!alreadyRead.has(path)) await checkVerifiedFile(folder, path, promised);
  }
  const encoder = await readEncoder(join(folder, "encoder"), manifest);
  const indexPath = manifest.index === "faiss" ? join(folder, artifactPaths.index) : null;
  return { manifest, catalog: toCatalog(items, digest), rules, calibration, vectors, encoder, indexPath };
}

/** All items of a catalog at hand. */
export function toCatalog(items: readonly CatalogItem[], digest: string): Artifact["catalog"] {
  const rows = new Map(items.map(({ id, row }) => [id, row]));
  return { items, rowOf: (id) => rows.get(id), digest };
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

async function parseItems(
  file: string,
  bytes: Uint8Array,
  { counts }: ArtifactManifest,
): Promise<readonly CatalogItem[]> {
  const items: CatalogItem[] = [];
  const lineOfId = new Map<string, number>();
  for (let start = 0; start < bytes.length; ) {
    const where = `${file} line ${items.length + 1}`;
    if (items.length === counts.items) throw new Error(`${where}: the manifest counts ${counts.items} items`);
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    if (end - start > maxLineBytes) throw new Error(`${where} is longer than ${maxLineBytes} bytes`);
    const parsed = parseItemRecord(parseJson(where, bytes.subarray(start, end)), items.length);
    if ("problems" in parsed) throw new Error(`${where}: ${parsed.problems.slice(0, 10).join(" ")}`);
    const other = lineOfId.get(parsed.value.id);
    if (other !== undefined) throw new Error(`${where}: line ${other} has the same id`);
    items.push(parsed.value);
    lineOfId.set(parsed.value.id, items.length);
    start = end + 1;
    if (items.length % rowsAtOnce === 0) await nextTurn();
  }
  if (items.length < counts.items) {
    throw new Error(`${file} has ${items.length} lines, but the manifest counts ${counts.items} items`);
  }
  const found = Object.entries(countCategories(items.map(({ category }) => category)));
  const agree = found.every(([category, count]) => counts.categories[category] === count);
  if (!agree || found.length !== Object.keys(counts.categories).length) {
    throw new Error(`${file} does not have the categories that the manifest counts`);
  }
  return items;
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
