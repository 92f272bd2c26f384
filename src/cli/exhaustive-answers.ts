import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { createExactIndex } from "../adapters/exact-index.js";
import { selectBest } from "../adapters/select-best.js";
import { artifactPaths } from "../domain/artifact.js";
import type { Candidate, KnownColor } from "../domain/candidate.js";
import { type CandidateColumns, toColumns } from "../domain/candidate-columns.js";
import { toCandidates } from "../domain/catalog-candidates.js";
import type { Embedding } from "../domain/embedding.js";
import { unknownGender } from "../domain/gender.js";
import type { FoundAnswer } from "../domain/index-agreement.js";
import type { RankingRules } from "../domain/ranking-rules.js";
import { rankAsV5 } from "../domain/ranking-v5.js";
import { uncalibrated } from "../domain/vote-confidence.js";
import type { OpenPipeline } from "../open-pipeline.js";
import { mostNeighbors } from "./evaluate-photos.js";

/** A photo as an answer needs it. */
export type AskedExactly = Readonly<{ embedding: Embedding; dominant: KnownColor }>;

type Shelf = Readonly<{ candidates: readonly Candidate[]; columns: CandidateColumns; rules: RankingRules }>;

/** 16 MiB of the vectors at a time. */
const valuesAtOnce = 2 ** 22;
/** 256 MiB of similarities; for more queries the vectors are read again. */
const mostSimilarities = 2 ** 26;
/** Half a minute to a minute of one core for vectors of 512 values. */
const mostRowsCompared = 2 ** 27;
const leastQueries = 50;

/** As many of them as a minute or so is enough for, spread evenly: all of a catalog of some 100,000 items. */
export function pickQueries<Photo>(photos: readonly Photo[], rows: number): readonly Photo[] {
  const count = Math.min(photos.length, Math.max(leastQueries, Math.floor(mostRowsCompared / Math.max(1, rows))));
  return Array.from({ length: count }, (_, i) => photos[Math.floor((i * photos.length) / count)]!);
}

/**
 * What the default profile answers by a look at every row, in double precision and from the vectors' own file, whatever
 * index the artifact has. @throws Error in one line when the file is not what the artifact says; the signal's reason
 */
export async function answerExhaustively(
  folder: string,
  { catalog, rules, facts }: Pick<OpenPipeline, "catalog" | "rules" | "facts">,
  asked: readonly AskedExactly[],
  signal: AbortSignal,
): Promise<readonly FoundAnswer[]> {
  const candidates = toCandidates([...catalog.items], "v5");
  const shelf: Shelf = { candidates, columns: toColumns(candidates), rules };
  const file = join(folder, artifactPaths.embeddings);
  const atOnce = Math.max(1, Math.floor(mostSimilarities / Math.max(1, candidates.length)));
  const answers: FoundAnswer[] = [];
  for (let first = 0; first < asked.length; first += atOnce) {
    const some = asked.slice(first, first + atOnce);
    const queries = some.map(({ embedding }) => embedding);
    const shape = { rows: candidates.length, dimension: facts.dimension };
    const similarities = await compareAll(file, shape, queries, signal);
    for (const [i, each] of some.entries()) {
      signal.throwIfAborted();
      answers.push(answer(shelf, each, similarities[i]!));
    }
  }
  return answers;
}

function answer({ candidates, columns, rules }: Shelf, { dominant }: AskedExactly, similarities: Float32Array) {
  const rows = selectBest(similarities, Math.min(mostNeighbors, rules.maxTotal));
  const ranking = rankAsV5({
    ...{ candidates, columns, similarities, rules },
    query: { color: dominant, gender: unknownGender, category: null },
    excludedPlaces: new Set(),
    maxTotal: rules.maxTotal,
    itemsPerCategory: rules.itemsPerCategory,
    // Nothing but the confidence depends on it, and nobody looks at that here.
    calibration: uncalibrated,
  });
  return { neighbors: rows.map((row) => ({ row, similarity: similarities[row]! })), ranking };
}

/** Of each query the inner products with all rows. */
async function compareAll(
  file: string,
  { rows, dimension }: Readonly<{ rows: number; dimension: number }>,
  queries: readonly Embedding[],
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const similarities = queries.map(() => new Float32Array(rows));
  const rowsAtOnce = Math.max(1, Math.floor(valuesAtOnce / dimension));
  const handle = await open(file);
  try {
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - row);
      const block = createExactIndex(await readValues(handle, file, row * dimension, count * dimension), dimension);
      for (const [i, query] of queries.entries()) {
        signal.throwIfAborted();
        similarities[i]!.set(await block.similarities(query), row);
      }
      await block.close();
    }
  } finally {
    await handle.close();
  }
  return similarities;
}

async function readValues(handle: FileHandle, file: string, from: number, count: number): Promise<Float32Array> {
  const values = new Float32Array(count);
  const bytes = new Uint8Array(values.buffer);
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, 4 * from + at);
    if (bytesRead === 0) throw new Error(`${file} is shorter than its manifest says`);
    at += bytesRead;
  }
  return values;
}
