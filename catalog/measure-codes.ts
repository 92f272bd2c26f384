import { createCodedIndex, type PlacedCodes } from "../src/adapters/coded-index.js";
import type { CodesFile } from "../src/adapters/codes-file.js";
import { createFaissIndex, faissAvailability } from "../src/adapters/faiss-index.js";
import { type Shelf, toAnswer, toLargeShelf } from "../src/domain/answer.js";
import type { CandidateColumns } from "../src/domain/candidate-columns.js";
import type { CatalogItems } from "../src/domain/catalog.js";
import { type Estimate, toExactEstimate } from "../src/domain/contenders.js";
import { type Embedding, toEmbedding } from "../src/domain/embedding.js";
import { type FoundAnswer, type IndexAgreement, measureAgreement } from "../src/domain/index-agreement.js";
import type { Query } from "../src/domain/query.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import { uncalibrated } from "../src/domain/vote-confidence.js";
import { compareInBlocks } from "./compare-blocks.js";
import { readVectorRows, type VectorFile } from "./vector-file.js";

/** What codes are measured on. */
export type MeasuredCodes = Readonly<{
  file: CodesFile & PlacedCodes;
  vectors: VectorFile;
  columns: CandidateColumns;
  items: CatalogItems;
  rules: RankingRules;
}>;

const mostQueries = 100;
const neighbors = 10;
/** 256 MiB of similarities; for more queries the vectors are read again. */
const mostSimilarities = 2 ** 26;

/**
 * How far answers by codes agree with those by whole vectors, asked about up to a hundred of the catalog's own items, spread
 * evenly: their outfits, and their ten nearest. The same catalog gives the same figures.
 */
export async function measureCodes(measured: MeasuredCodes): Promise<IndexAgreement> {
  const { file, vectors, columns, items, rules } = measured;
  const faiss = faissAvailability();
  if (!faiss.available) throw new Error(`an index of codes is not measured: ${faiss.reason}`);
  const shelf = toLargeShelf(
    { items, rowOf: () => undefined },
    { columns, ...file },
    { rules, calibration: uncalibrated },
  );
  const index = createCodedIndex(faiss.addon, file);
  const queries = await pickQueries(vectors);
  const pairs = [];
  const atOnce = Math.max(1, Math.floor(mostSimilarities / vectors.rows));
  for (let first = 0; first < queries.length; first += atOnce) {
    const some = queries.slice(first, first + atOnce);
    const exact = await compareAll(vectors, some, file.placeOfRow);
    for (const [i, query] of some.entries()) {
      const found = answer(shelf, query, await index.estimate(query.embedding));
      pairs.push({ exhaustive: answer(shelf, query, toExactEstimate(exact[i]!)), found });
    }
  }
  await index.close();
  return measureAgreement(pairs);
}

type OwnItem = Readonly<{ row: number; embedding: Embedding }>;

async function pickQueries(vectors: VectorFile): Promise<readonly OwnItem[]> {
  const { rows, dimension } = vectors;
  const count = Math.min(mostQueries, rows);
  const picked = Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
  const values = await readVectorRows(vectors, picked);
  return picked.map((row, i) => ({ row, embedding: toEmbedding(values.slice(i * dimension, (i + 1) * dimension)) }));
}

/** The queries' similarities to every row, by its place. */
async function compareAll(vectors: VectorFile, queries: readonly OwnItem[], placeOfRow: Int32Array) {
  const { rows, dimension } = vectors;
  const asked = new Float32Array(queries.length * dimension);
  for (const [i, { embedding }] of queries.entries()) asked.set(embedding, i * dimension);
  const similarities = queries.map(() => new Float32Array(rows));
  await compareInBlocks(vectors, asked, createFaissIndex, (query, values, first) => {
    const target = similarities[query]!;
    for (let at = 0; at < values.length; at++) target[placeOfRow[first + at]!] = values[at]!;
  });
  return similarities;
}

function answer(shelf: Shelf, { row, embedding }: OwnItem, estimate: Estimate): FoundAnswer {
  const { palette, gender } = shelf.items.at(row)!;
  const { rgb, hsl } = palette[0];
  const asked = (mode: Query["mode"], topK: number | null): Query => ({
    ...{ source: { kind: "embedding", embedding, color: rgb }, mode, profile: "v5", gender, category: null },
    ...{ topK, itemsPerCategory: null, excludeIds: [], explain: false },
  });
  const sight = { color: { rgb, hsl }, estimate };
  const { ranking } = toAnswer(shelf, asked("outfit", null), sight);
  const { similar } = toAnswer(shelf, asked("similar", neighbors), sight);
  const nearest = similar.map(({ candidate, similarity }) => ({ row: candidate.row, similarity }));
  return { neighbors: nearest, ranking: ranking! };
}
