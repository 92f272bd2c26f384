import type { Candidate } from "../src/domain/candidate.js";
import type { Neighbor } from "../src/domain/catalog.js";
import { voteBySimilarity } from "../src/domain/category-votes.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import { fitCalibration, type JudgedVote, type VoteCalibration } from "../src/domain/vote-confidence.js";
import type { FinishedRows } from "./catalog-rows.js";
import { compareInBlocks, type MakeIndex } from "./compare-blocks.js";
import { readVectorRows } from "./vector-file.js";

/** Past this the fitted line hardly moves: its standard error falls with the square root. */
const maxSamples = 2000;
const minSamples = 200;
/**
 * About twenty seconds of one core in TypeScript, one of two cores in the addon: an update has to judge anew, too. Larger
 * catalogs are judged by fewer of their rows.
 */
const maxProducts = 2e10;

type CalibratedRows = Pick<FinishedRows, "categories" | "vectors">;

/**
 * How far the vote's share is to be believed on this catalog: every sampled item is left out and asked for by the
 * others, as `v5` asks them. The rows are spread evenly, so the same catalog gives the same line. The vectors are gone
 * through once.
 * @throws the signal's reason.
 */
export async function calibrateVote(
  { categories, vectors }: CalibratedRows,
  makeIndex: MakeIndex,
  rules: RankingRules,
  signal: AbortSignal,
): Promise<VoteCalibration> {
  const { dimension } = vectors;
  const sampled = sampleRows(categories, dimension);
  const nearest = sampled.map((): Neighbor[] => []);
  await compareInBlocks(vectors, await readVectorRows(vectors, sampled), makeIndex, (query, similarities, first) => {
    signal.throwIfAborted();
    takeNearest(nearest[query]!, similarities, { first, row: sampled[query]!, rules });
  });
  const judged: JudgedVote[] = [];
  for (const [query, row] of sampled.entries()) {
    const near = nearest[query]!.map(({ row: each, similarity }) => ({
      similarity,
      candidate: toCandidate(each, categories),
    }));
    const { winner, tally } = voteBySimilarity(near, rules.voteTemperature);
    if (winner !== null) judged.push({ share: tally[0]!.share, right: winner === categories[row] });
  }
  const { intercept, slope, samples } = fitCalibration(judged);
  // Four decimals move no confidence by more than the third, and hide which index added up its products in which order.
  return { intercept: toFourDecimals(intercept), slope: toFourDecimals(slope), samples };
}

function sampleRows(categories: CalibratedRows["categories"], dimension: number): readonly number[] {
  const judgeable = [...categories.keys()].filter((row) => categories[row] !== null);
  const affordable = Math.floor(maxProducts / (categories.length * dimension));
  const count = Math.min(judgeable.length, maxSamples, Math.max(minSamples, affordable));
  return Array.from({ length: count }, (_, i) => judgeable[Math.floor((i * judgeable.length) / count)]!);
}

type Asking = Readonly<{ first: number; row: number; rules: RankingRules }>;

/**
 * Puts the rows of a block, which begins with `first`, among the nearest so far: but not the item itself, nor those so near
 * that the ranking would take them for it. Nearest first, equal ones by lower row.
 */
function takeNearest(nearest: Neighbor[], similarities: Float32Array, { first, row, rules }: Asking): void {
  const { voters, sameItemSimilarity } = rules;
  let least = nearest.length < voters ? Number.NEGATIVE_INFINITY : nearest.at(-1)!.similarity;
  for (let at = 0; at < similarities.length; at++) {
    const similarity = similarities[at]!;
    if (!(similarity > least) || similarity >= sameItemSimilarity || first + at === row) continue;
    const place = nearest.findIndex((other) => other.similarity < similarity);
    nearest.splice(place < 0 ? nearest.length : place, 0, { row: first + at, similarity });
    if (nearest.length > voters) nearest.pop();
    if (nearest.length === voters) least = nearest.at(-1)!.similarity;
  }
}

/** A vote asks for nothing but the category. */
function toCandidate(row: number, categories: CalibratedRows["categories"]): Candidate {
  return { row, id: "", category: categories[row]!, gender: null, path: null, color: null, plainColor: null };
}

function toFourDecimals(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
