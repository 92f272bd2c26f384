import { type Candidate, toItemId } from "./candidate.js";
import { type Near, type Vote, voteBySimilarity } from "./category-votes.js";
import { hueDistance } from "./color.js";
import { harmonyWith, v5HarmonyScores } from "./color-harmony.js";
import { v5Boosts, v5Excludes } from "./compatibility.js";
import { isGender, unknownGender, v5Admits } from "./gender.js";
import { toV5Reason } from "./match-reason.js";
import type { FallbackReason, HarmonyMatch, RankInput, Ranking, RankQuery, Suggestion } from "./ranking.js";
import { fromPoints, toPoints } from "./rounding.js";
import { type ScoreParts, toRawPoints } from "./score.js";
import { toConfidence } from "./vote-confidence.js";

/** How many similar pieces stand in when no outfit can be made. */
const fallbackCount = 5;

type Scored = Omit<Suggestion, "rank" | "reason">;
type Settled = Readonly<{
  queryCategory: string | null;
  source: Ranking["categorySource"];
  vote: Vote;
  confidence: number | null;
}>;

/**
 * The outfit around the query: the best pieces of every other place in it. The order of the catalog does not
 * matter: equal scores are ordered by id.
 */
export function rankAsV5(input: RankInput): Ranking {
  const others = withoutQueryItself(input);
  const settled = settleCategory(others, input);
  const admitted = others.filter(({ candidate }) => v5Admits(input.query.gender, candidate.gender ?? unknownGender));
  const excludes = remember(
    (category) => settled.queryCategory !== null && v5Excludes(settled.queryCategory, category),
  );
  const boosts = remember((category) => settled.queryCategory !== null && v5Boosts(settled.queryCategory, category));
  const kept = admitted.filter(({ candidate }) => !excludes(candidate.category));
  const fallback = kept.length > 0 ? null : toFallbackReason(others, admitted);
  const scored = (fallback === null ? kept : admitted).map((near) =>
    scoreOf(near, input, fallback === null && boosts(near.candidate.category)),
  );
  const best = fallback === null ? bestOfEachCategory(scored, input.itemsPerCategory) : scored.sort(byScoreThenId);
  const count = Math.min(
    input.maxTotal ?? input.rules.maxTotal,
    fallback === null ? Number.POSITIVE_INFINITY : fallbackCount,
  );
  const shown = best.filter(
    ({ parts }) => input.rules.minScore === null || parts.total >= toPoints(input.rules.minScore),
  );
  return {
    profile: "v5",
    queryCategory: settled.queryCategory,
    categorySource: settled.source,
    confidence: settled.confidence,
    vote: settled.vote,
    excludedCategories: [...new Set(others.flatMap(({ candidate }) => candidate.category || []))]
      .filter(excludes)
      .sort(),
    fallback,
    suggestions: shown.slice(0, count).map((each, i) => toSuggestion(each, i + 1, settled.queryCategory)),
  };
}

/** Leaves out what the caller excludes and what is the query itself: an embedding all but identical. */
function withoutQueryItself({ candidates, similarities, query, rules }: RankInput): readonly Near[] {
  const others: Near[] = [];
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i]!;
    const similarity = similarities[i]!;
    if (similarity >= rules.sameItemSimilarity) continue;
    if (candidate.id !== null && query.excludeIds.has(candidate.id)) continue;
    others.push({ candidate, similarity });
  }
  return others;
}

function settleCategory(others: readonly Near[], { query, rules, calibration }: RankInput): Settled {
  const vote = voteBySimilarity(nearestOf(others, rules.voters), rules.voteTemperature);
  if (query.category !== null) return { queryCategory: query.category, source: "caller", vote, confidence: null };
  if (vote.winner === null) return { queryCategory: null, source: "none", vote, confidence: null };
  const voices = vote.tally.reduce((sum, { votes }) => sum + votes, 0);
  const confidence = toConfidence(vote.tally[0]!.share, voices, calibration);
  return { queryCategory: vote.winner, source: "vote", vote, confidence };
}

/** The `count` most similar, closest first; equal ones by id, so that the catalog's order does not matter. */
function nearestOf(others: readonly Near[], count: number): readonly Near[] {
  const nearest: Near[] = [];
  for (const near of others) {
    if (nearest.length === count && near.similarity < nearest[count - 1]!.similarity) continue;
    nearest.push(near);
    nearest.sort((first, second) => second.similarity - first.similarity || byId(first.candidate, second.candidate));
    if (nearest.length > count) nearest.pop();
  }
  return nearest;
}

function toFallbackReason(others: readonly Near[], admitted: readonly Near[]): FallbackReason {
  if (others.length === 0) return "no_candidates";
  return admitted.length === 0 ? "gender_refused_all" : "category_excluded_all";
}

function scoreOf({ candidate, similarity }: Near, { query, rules }: RankInput, boosted: boolean): Scored {
  const harmony = matchColors(query, candidate);
  const genderScore = scoreGender(query.gender, candidate.gender);
  const weighted = { similarity: 0.4 * similarity, harmony: 0.4 * harmony.score, gender: 0.2 * genderScore };
  const parts = toParts(weighted, boosted ? rules.compatibleBoost - 1 : 0);
  return { candidate, similarity: fromPoints(toPoints(similarity)), harmony, genderScore, boosted, parts };
}

function matchColors(query: RankQuery, { color }: Candidate): HarmonyMatch {
  const harmony = harmonyWith(query.color.hsl, color?.hsl ?? null);
  const distance = color === null ? null : hueDistance(query.color.hsl, color.hsl);
  return { harmony, score: v5HarmonyScores[harmony], hueDistance: distance };
}

/** V4's 1 and 0.75; where nothing is known of the wearer there is nothing to prefer. */
function scoreGender(query: string, item: string | null): number {
  return !isGender(query) || query === item ? 1 : 0.75;
}

function toParts(
  weighted: Readonly<{ similarity: number; harmony: number; gender: number }>,
  gain: number,
): ScoreParts {
  const [similarity, harmony, gender] = [
    toPoints(weighted.similarity),
    toPoints(weighted.harmony),
    toPoints(weighted.gender),
  ];
  const plain = similarity + harmony + gender;
  const boost = Math.max(0, Math.round(plain * gain));
  const total = Math.max(0, Math.min(10_000, plain + boost));
  return { similarity, harmony, gender, category: 0, boost, clamp: total - plain - boost, total };
}

function bestOfEachCategory(scored: readonly Scored[], itemsPerCategory: number): readonly Scored[] {
  const groups = new Map<string, Scored[]>();
  for (const each of scored) {
    const group = groups.get(each.candidate.category ?? "") ?? [];
    groups.set(each.candidate.category ?? "", group);
    if (group.length === itemsPerCategory && byScoreThenId(group.at(-1)!, each) < 0) continue;
    group.push(each);
    group.sort(byScoreThenId);
    if (group.length > itemsPerCategory) group.pop();
  }
  return [...groups.values()].flat().sort(byScoreThenId);
}

/** By the unclamped score, so that pieces shown at 1.0 keep their order. */
function byScoreThenId(first: Scored, second: Scored): number {
  return toRawPoints(second.parts) - toRawPoints(first.parts) || byId(first.candidate, second.candidate);
}

function byId(first: Candidate, second: Candidate): number {
  const [one, other] = [toItemId(first), toItemId(second)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function toSuggestion(scored: Scored, rank: number, queryCategory: string | null): Suggestion {
  const { candidate, boosted, harmony } = scored;
  const pair = { query: queryCategory, item: candidate.category, boosted };
  return { ...scored, rank, reason: toV5Reason(harmony.harmony, pair) };
}

/** A rule asked once per category, not once per item. */
function remember(rule: (category: string | null) => boolean): (category: string | null) => boolean {
  const answers = new Map<string | null, boolean>();
  return (category) => {
    const known = answers.get(category);
    if (known !== undefined) return known;
    const answer = rule(category);
    answers.set(category, answer);
    return answer;
  };
}
