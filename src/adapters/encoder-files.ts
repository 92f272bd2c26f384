import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type EncoderManifest, parseEncoderManifest } from "../domain/encoder-manifest.js";
import type { EncoderModel } from "../domain/encoder-model.js";

/** One model of an encoder folder, where it lies. */
export type ModelOnDisk = Readonly<{
  model: EncoderModel;
  file: string;
  bytes: number;
  /**
   * Sha-256 in hex over everything that decides an embedding: model bytes, input conversion, preprocess, output.
   * Models with one digest make interchangeable embeddings; names and probes are not part of it.
   */
  digest: string;
}>;

/** A folder whose model files have the digests its manifest promises. */
export type EncoderFiles = Readonly<{
  folder: string;
  manifest: EncoderManifest;
  /** In the order of the manifest. */
  models: readonly [ModelOnDisk, ...ModelOnDisk[]];
  /** Over the digests of all models, in whichever order the manifest has them: names the encoder as a whole. */
  digest: string;
}>;

/** Four models of the largest allowed dimension, written with 24 digits a value on lines of their own, stay below this. */
const maxManifestBytes = 4_000_000;
/** A protocol buffer cannot be larger. */
const maxModelBytes = 2 ** 31 - 1;

/**
 * Reads and verifies an encoder folder: `encoder.json` and the model files it names. `found` has digests of model files
 * that were worked out a moment ago, by name: at hundreds of megabytes each once is enough.
 * @throws Error for the operator, not a ServiceError: the message is one line that names the file and all that is
 *   wrong with it, to print before exiting with 1.
 */
export async function readEncoderFiles(folder: string, found: FoundDigests = new Map()): Promise<EncoderFiles> {
  const manifest = await readManifest(join(folder, "encoder.json"));
  const [first, ...rest] = manifest.models;
  const models: [ModelOnDisk, ...ModelOnDisk[]] = [await readModel({ folder, manifest, found }, first)];
  for (const model of rest) models.push(await readModel({ folder, manifest, found }, model));
  return { folder, manifest, models, digest: digestOfAll(models) };
}

type FoundDigests = ReadonlyMap<string, string>;
type EncoderFolder = Readonly<{ folder: string; manifest: EncoderManifest; found: FoundDigests }>;

async function readModel({ folder, manifest, found }: EncoderFolder, model: EncoderModel): Promise<ModelOnDisk> {
  const file = join(folder, model.file);
  const bytes = await checkFile(file, maxModelBytes);
  // A link inside an unpacked archive may point anywhere; the digest alone would not say that it left the folder.
  if (dirname(await realpath(file)) !== (await realpath(folder))) {
    throw new Error(`${file} is a link to a file outside its folder`);
  }
  checkDigest(file, found.get(model.file) ?? (await sha256OfFile(file)), model.sha256);
  return { model, file, bytes, digest: digestOf(manifest, model) };
}

/**
 * The model's bytes, verified again: a worker that replaces another may start long after the folder was checked.
 * @throws Error with one line for the operator.
 */
export async function readModelBytes(modelFile: string, sha256: string): Promise<Uint8Array> {
  const bytes = await readFile(modelFile).catch((error) => {
    throw unreadable(modelFile, error);
  });
  checkDigest(modelFile, createHash("sha256").update(bytes).digest("hex"), sha256);
  return bytes;
}

async function readManifest(file: string): Promise<EncoderManifest> {
  await checkFile(file, maxManifestBytes);
  const text = await readFile(file, "utf8");
  const parsed = parseEncoderManifest(parseJson(file, text));
  if ("problems" in parsed) throw new Error(`${file} is not valid: ${parsed.problems.join(" ")}`);
  return parsed.value;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message may quote several lines of the file.
    throw new Error(`${file} is not JSON`, { cause: error });
  }
}

/** The file's size. */
async function checkFile(file: string, maxBytes: number): Promise<number> {
  const { size, isFile } = await stat(file).then(
    (found) => ({ size: found.size, isFile: found.isFile() }),
    (error) => {
      throw unreadable(file, error);
    },
  );
  if (!isFile) throw new Error(`${file} is not a file`);
  if (size < 1 || size > maxBytes) throw new Error(`${file} has ${size} bytes; 1 to ${maxBytes} are allowed`);
  return size;
}

function unreadable(file: string, error: NodeJS.ErrnoException): Error {
  const what = error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code ?? error.name})`;
  return new Error(`${file} ${what}`, { cause: error });
}

function checkDigest(file: string, found: string, promised: string): void {
  if (found !== promised) throw new Error(`${file} has sha-256 ${found}, but its manifest says ${promised}`);
}

/** Streamed: a model of several hundred megabytes need not pass through the main thread's memory at once. */
async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

function digestOf({ input, preprocess, output }: EncoderManifest, { sha256 }: EncoderModel): string {
  const conversion = input.dtype === "float32" ? [input.mean, input.std] : [];
  return digestOfJson([
    ...[sha256, input.name, input.layout, input.dtype, input.side, conversion],
    ...[preprocess, output.name],
  ]);
}

function digestOfAll(models: readonly ModelOnDisk[]): string {
  return digestOfJson(models.map(({ digest }) => digest).sort());
}

function digestOfJson(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
