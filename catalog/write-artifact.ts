import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { EncoderFiles, ModelOnDisk } from "../src/adapters/encoder-files.js";
import { writeFaissIndex } from "../src/adapters/faiss-index.js";
import {
  type ArtifactFile,
  type ArtifactManifest,
  artifactFormat,
  artifactPaths,
  artifactVersion,
  colorMethods,
  countCategories,
} from "../src/domain/artifact.js";
import type { CatalogItem } from "../src/domain/catalog.js";
import { toItemRecord } from "../src/domain/catalog-record.js";
import { toModelName } from "../src/domain/encoder-model.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import type { VoteCalibration } from "../src/domain/vote-confidence.js";

/** Everything an artifact is made of. `vectors` has a row for each item. */
export type ArtifactParts = Readonly<{
  items: readonly CatalogItem[];
  vectors: Float32Array;
  encoder: EncoderFiles;
  /** The encoder's model that made every vector. */
  model: ModelOnDisk;
  rules: RankingRules;
  calibration: VoteCalibration;
  index: ArtifactManifest["index"];
  skipped: number;
  /** Already in the folder, as `writeArtifactFile` reported them. */
  thumbnails: Readonly<{ side: number; files: Readonly<Record<string, ArtifactFile>> }> | null;
}>;

export type WrittenArtifact = Readonly<{ manifest: ArtifactManifest; digest: string }>;

/**
 * Writes an artifact into an empty folder, its manifest last; the same parts give the same bytes.
 * @throws RangeError when vectors and items do not belong together; Error when the disk or FAISS refuses.
 */
export async function writeArtifact(folder: string, parts: ArtifactParts): Promise<WrittenArtifact> {
  const { items, vectors, encoder, model, rules, calibration, index, thumbnails } = parts;
  const { dimension } = encoder.manifest.output;
  if (vectors.length !== items.length * dimension || items.some(({ row }, i) => row !== i)) {
    throw new RangeError(`${items.length} items do not go with ${vectors.length / dimension} vectors`);
  }
  const write = (path: string, content: Content) => writeArtifactFile(folder, path, content);
  const files: Record<string, ArtifactFile> = {
    [artifactPaths.items]: await write(artifactPaths.items, itemLines(items)),
    [artifactPaths.embeddings]: await write(artifactPaths.embeddings, [toBytes(vectors)]),
    [artifactPaths.rules]: await write(artifactPaths.rules, [toJson(rules)]),
    [artifactPaths.calibration]: await write(artifactPaths.calibration, [toJson(calibration)]),
    [artifactPaths.encoder]: await write(artifactPaths.encoder, [toJson(encoder.manifest)]),
    ...thumbnails?.files,
  };
  for (const each of encoder.models) {
    const path = `encoder/${each.model.file}`;
    files[path] = await write(path, createReadStream(each.file));
  }
  if (index === "faiss") {
    await writeFaissIndex(join(folder, artifactPaths.index), vectors, dimension);
    files[artifactPaths.index] = await describeFile(join(folder, artifactPaths.index));
  }
  const manifest: ArtifactManifest = {
    format: artifactFormat,
    version: artifactVersion,
    files: Object.fromEntries(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1))),
    counts: {
      items: items.length,
      categories: countCategories(items.map(({ category }) => category)),
      skipped: parts.skipped,
    },
    dimension,
    preprocess: encoder.manifest.preprocess,
    encoderDigest: encoder.digest,
    encoderName: encoder.manifest.name,
    encodedBy: { model: toModelName(model.model), digest: model.digest },
    index,
    colorMethods,
    thumbnails: thumbnails?.side ?? null,
  };
  const text = toJson(manifest);
  await writeFile(join(folder, "manifest.json"), text);
  return { manifest, digest: createHash("sha256").update(text).digest("hex") };
}

type Content = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** Writes one file of an artifact and gives what its manifest shall say of it. */
export async function writeArtifactFile(folder: string, path: string, content: Content): Promise<ArtifactFile> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, "wx");
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of content) {
      const data = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      hash.update(data);
      await handle.writeFile(data);
      bytes += data.length;
    }
    return { sha256: hash.digest("hex"), bytes };
  } finally {
    await handle.close();
  }
}

async function describeFile(file: string): Promise<ArtifactFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), bytes };
}

/** Enough lines at once that the calls do not count. */
const linesPerWrite = 1000;

function* itemLines(items: readonly CatalogItem[]): Generator<string> {
  for (let from = 0; from < items.length; from += linesPerWrite) {
    const some = items.slice(from, from + linesPerWrite);
    yield some.map((item) => `${JSON.stringify(toItemRecord(item))}\n`).join("");
  }
}

/** Little-endian, as every machine that ONNX Runtime runs on. */
function toBytes(vectors: Float32Array): Uint8Array {
  return new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
