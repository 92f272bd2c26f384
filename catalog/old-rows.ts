import { join } from "node:path";
import { walkLines } from "../src/adapters/artifact-files.js";
import { type ArtifactWords, parseJson } from "../src/adapters/artifact-words.js";
import { readVerifiedFile } from "../src/adapters/verified-file.js";
import { artifactPaths } from "../src/domain/artifact.js";
import { itemTextRules } from "../src/domain/catalog-record.js";
import type { Embedding } from "../src/domain/embedding.js";
import { isJsonObject } from "../src/domain/json-fields.js";

/** The rows of an artifact as its files have them, for another one that takes them over. */
export type OldRows = Readonly<{
  ids: readonly string[];
  categories: readonly (string | null)[];
  /** A row's line of `items.jsonl`, without its end. */
  lineOf: (row: number) => Uint8Array;
  vectorOf: (row: number) => Embedding;
}>;

/**
 * Reads the rows that the artifact's manifest vouches for. Of the items nothing is looked at but id and category, of the
 * vectors nothing at all: whoever takes them over has them checked where they are then.
 * @throws Error with one line that names what is wrong.
 */
export async function readOldRows(folder: string, { manifest }: ArtifactWords): Promise<OldRows> {
  const { counts, dimension, files } = manifest;
  const read = (path: string) => readVerifiedFile(folder, path, files[path]!);
  const bytes = await read(artifactPaths.items);
  const ids: string[] = [];
  const categories: (string | null)[] = [];
  const [starts, ends] = [new Float64Array(counts.items), new Float64Array(counts.items)];
  await walkLines(join(folder, artifactPaths.items), bytes, counts.items, ({ row, where, from, to }) => {
    const { id, category } = toNames(where, parseJson(where, bytes.subarray(from, to)));
    ids.push(id);
    categories.push(category);
    [starts[row], ends[row]] = [from, to];
  });
  const values = await read(artifactPaths.embeddings);
  const vectors = new Float32Array(values.buffer, values.byteOffset, counts.items * dimension);
  return {
    ids,
    categories,
    lineOf: (row) => bytes.subarray(starts[row], ends[row]),
    vectorOf: (row) => vectors.subarray(row * dimension, (row + 1) * dimension) as Embedding,
  };
}

function toNames(where: string, value: unknown): Readonly<{ id: string; category: string | null }> {
  const { id, category } = isJsonObject(value) ? value : {};
  const hasBoth = itemTextRules.id.accepts(id) && (category === null || itemTextRules.category.accepts(category));
  if (!hasBoth) throw new Error(`${where} has no id, or no category`);
  return { id: id as string, category: category as string | null };
}
