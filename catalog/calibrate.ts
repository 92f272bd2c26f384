import { selectBest } from "../src/adapters/select-best.js";
import type { Candidate } from "../src/domain/candidate.js";
import type { CatalogItem } from "../src/domain/catalog.js";
import { voteBySimilarity } from "../src/domain/category-votes.js";
import type { Embedding } from "../src/domain/embedding.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import { fitCalibration, type JudgedVote, type VoteCalibration } from "../src/domain/vote-confidence.js";
import type { VectorIndex } from "../src/pipeline.js";

/** Past this the fitted line hardly moves: its standard error falls with the square root. */
const maxSamples = 2000;
const minSamples = 200;
/** About forty seconds of one core in TypeScript; larger catalogs are judged by fewer of their rows. */
const maxProducts = 4e10;

/**
 * How far the vote's share is to be believed on this catalog: every sampled item is left out and asked for by the
 * others, as `v5` asks them. The rows are spread evenly, so the same catalog gives the same line.
 * @throws the signal's reason.
 */
export async function calibrateVote(
  items: readonly CatalogItem[],
  vectors: Float32Array,
  index: VectorIndex,
  rules: RankingRules,
  signal: AbortSignal,
): Promise<VoteCalibration> {
  const candidates = items.map(toCandidate);
  const judged: JudgedVote[] = [];
  for (const row of sampleRows(items, index.dimension)) {
    signal.throwIfAborted();
    const query = vectors.subarray(row * index.dimension, (row + 1) * index.dimension) as Embedding;
    const nearest = await findOthers(index, query, row, rules);
    const near = nearest.map((neighbor) => ({ ...neighbor, candidate: candidates[neighbor.row]! }));
    const { winner, tally } = voteBySimilarity(near, rules.voteTemperature);
    if (winner !== null) judged.push({ share: tally[0]!.share, right: winner === items[row]!.category });
  }
  const { intercept, slope, samples } = fitCalibration(judged);
  // Four decimals move no confidence by more than the third, and hide which index added up its products in which order.
  return { intercept: toFourDecimals(intercept), slope: toFourDecimals(slope), samples };
}

function sampleRows(items: readonly CatalogItem[], dimension: number): readonly number[] {
  const judgeable = items.filter(({ category }) => category !== null).map(({ row }) => row);
  const affordable = Math.floor(maxProducts / (items.length * dimension));
  const count = Math.min(judgeable.length, maxSamples, Math.max(minSamples, affordable));
  return Array.from({ length: count }, (_, i) => judgeable[Math.floor((i * judgeable.length) / count)]!);
}

/**
 * The nearest rows but the item itself, and those so near that the ranking would take them for it. All similarities at
 * once are several times faster than FAISS's own search for one query.
 */
async function findOthers(index: VectorIndex, query: Embedding, row: number, rules: RankingRules) {
  const similarities = await index.similarities(query);
  for (let count = rules.voters + 8; ; count *= 4) {
    const found = selectBest(similarities, Math.min(count, index.rows));
    const others = found.filter((each) => each !== row && similarities[each]! < rules.sameItemSimilarity);
    if (others.length < rules.voters && found.length < index.rows) continue;
    return others.slice(0, rules.voters).map((each) => ({ row: each, similarity: similarities[each]! }));
  }
}

/** A vote asks for nothing but the category. */
function toCandidate({ row, id, category, path }: CatalogItem): Candidate {
  return { row, id, category, gender: null, path, color: null, plainColor: null };
}

function toFourDecimals(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
