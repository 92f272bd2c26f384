import { byId } from "./candidate-order.js";
import { type Near, type Vote, voteBySimilarity } from "./category-votes.js";
import type { RankInput, Ranking } from "./ranking.js";
import { toConfidence } from "./vote-confidence.js";

/** What the query is, and who says so. */
export type Settled = Readonly<{
  queryCategory: string | null;
  source: Ranking["categorySource"];
  vote: Vote;
  confidence: number | null;
}>;

/** The caller's word, or else the vote of the nearest, closest first. */
export function settleCategory(
  nearest: readonly Near[],
  { query, rules, calibration }: Pick<RankInput, "query" | "rules" | "calibration">,
): Settled {
  const vote = voteBySimilarity(nearest, rules.voteTemperature);
  if (query.category !== null) return { queryCategory: query.category, source: "caller", vote, confidence: null };
  if (vote.winner === null) return { queryCategory: null, source: "none", vote, confidence: null };
  const voices = vote.tally.reduce((sum, { votes }) => sum + votes, 0);
  const confidence = toConfidence(vote.tally[0]!.share, voices, calibration);
  return { queryCategory: vote.winner, source: "vote", vote, confidence };
}

/** Equal ones by id, so that the catalog's order does not matter. */
export function bySimilarityThenId(first: Near, second: Near): number {
  return second.similarity - first.similarity || byId(first.candidate, second.candidate);
}
