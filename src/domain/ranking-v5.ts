import { type Candidate, toItemId } from "./candidate.js";
import { type CandidateColumns, toColumns } from "./candidate-columns.js";
import { type Near, type Vote, voteBySimilarity } from "./category-votes.js";
import { v5Boosts, v5Excludes } from "./compatibility.js";
import { unknownGender, v5Admits } from "./gender.js";
import { toV5Reason } from "./match-reason.js";
import type { FallbackReason, RankInput, Ranking, Suggestion } from "./ranking.js";
import { toPoints } from "./rounding.js";
import { createRawPoints, type Scored, scoreCandidate } from "./score-v5.js";
import { toConfidence } from "./vote-confidence.js";

/** How many similar pieces stand in when no outfit can be made. */
const fallbackCount = 5;

type Settled = Readonly<{
  queryCategory: string | null;
  source: Ranking["categorySource"];
  vote: Vote;
  confidence: number | null;
}>;

type Categories = Pick<CandidateColumns, "categories" | "categoryOf">;

/** A candidate by its place among them, and its score before the clamp in ten-thousandths. */
type Placed = Readonly<{ place: number; points: number }>;

/**
 * The outfit around the query: the best pieces of every other place in it. The order of the catalog does not matter:
 * equal scores are ordered by id. The whole catalog is walked as numbers; objects are made of what is shown alone.
 */
export function rankAsV5(input: RankInput): Ranking {
  const { candidates, similarities, query, rules, columns = toColumns(candidates) } = input;
  const { categories, categoryOf, genders, genderOf } = columns;
  const others = withoutQueryItself(input);
  const settled = settleCategory(others, input);
  const { queryCategory } = settled;
  const isAdmitted = genders.map((gender) => v5Admits(query.gender, gender ?? unknownGender));
  const isExcluded = categories.map((category) => queryCategory !== null && v5Excludes(queryCategory, category));
  const isCompatible = categories.map((category) => queryCategory !== null && v5Boosts(queryCategory, category));
  const admitted = keepWhere(others, (place) => isAdmitted[genderOf[place]!]!);
  const kept = keepWhere(admitted, (place) => !isExcluded[categoryOf[place]!]!);
  const fallback = kept.length > 0 ? null : toFallbackReason(others, admitted);
  const isBoosted = (place: number) => fallback === null && isCompatible[categoryOf[place]!]!;
  const rawPoints = createRawPoints(query, columns, rules);
  const pointsOf = (place: number) => rawPoints(place, similarities[place]!, isBoosted(place));
  const best =
    fallback === null
      ? bestOfGroups(kept, candidates, { pointsOf, groupOf: toGroups(columns), count: input.itemsPerCategory })
      : bestOfGroups(admitted, candidates, { pointsOf, groupOf: () => 0, count: fallbackCount });
  const most = fallback === null ? Number.POSITIVE_INFINITY : fallbackCount;
  const shown = best
    .map(({ place }) => ({
      candidate: candidates[place]!,
      similarity: similarities[place]!,
      boosted: isBoosted(place),
    }))
    .map((each) => scoreCandidate(each, query, rules))
    .filter(({ parts }) => rules.minScore === null || parts.total >= toPoints(rules.minScore));
  return {
    profile: "v5",
    queryCategory,
    categorySource: settled.source,
    confidence: settled.confidence,
    vote: settled.vote,
    excludedCategories: namesAmong(others, columns)
      .filter((_, at) => isExcluded[at])
      .flatMap((name) => name || [])
      .sort(),
    fallback,
    suggestions: shown
      .slice(0, Math.min(input.maxTotal ?? rules.maxTotal, most))
      .map((each, i) => toSuggestion(each, i + 1, queryCategory)),
  };
}

/** The places of all but what the caller excludes and what is the query itself: an embedding all but identical. */
function withoutQueryItself({ candidates, similarities, excludedPlaces, rules }: RankInput): Int32Array {
  const others = new Int32Array(candidates.length);
  const hasExcluded = excludedPlaces.size > 0;
  let count = 0;
  for (let place = 0; place < candidates.length; place++) {
    if (similarities[place]! >= rules.sameItemSimilarity) continue;
    if (hasExcluded && excludedPlaces.has(place)) continue;
    others[count++] = place;
  }
  return others.subarray(0, count);
}

/** As the array's own `filter`, which takes five times as long. */
function keepWhere(places: Int32Array, isKept: (place: number) => boolean): Int32Array {
  const kept = new Int32Array(places.length);
  let count = 0;
  for (const place of places) if (isKept(place)) kept[count++] = place;
  return kept.subarray(0, count);
}

function settleCategory(others: Int32Array, input: RankInput): Settled {
  const { query, rules, calibration } = input;
  const vote = voteBySimilarity(nearestOf(others, input), rules.voteTemperature);
  if (query.category !== null) return { queryCategory: query.category, source: "caller", vote, confidence: null };
  if (vote.winner === null) return { queryCategory: null, source: "none", vote, confidence: null };
  const voices = vote.tally.reduce((sum, { votes }) => sum + votes, 0);
  const confidence = toConfidence(vote.tally[0]!.share, voices, calibration);
  return { queryCategory: vote.winner, source: "vote", vote, confidence };
}

/** The voters, closest first; equal ones by id, so that the catalog's order does not matter. */
function nearestOf(others: Int32Array, { candidates, similarities, rules }: RankInput): readonly Near[] {
  const nearest: Near[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (const place of others) {
    const similarity = similarities[place]!;
    if (similarity < least) continue;
    nearest.push({ candidate: candidates[place]!, similarity });
    nearest.sort((first, second) => second.similarity - first.similarity || byId(first.candidate, second.candidate));
    if (nearest.length > rules.voters) nearest.pop();
    if (nearest.length === rules.voters) least = nearest.at(-1)!.similarity;
  }
  return nearest;
}

function toFallbackReason(others: Int32Array, admitted: Int32Array): FallbackReason {
  if (others.length === 0) return "no_candidates";
  return admitted.length === 0 ? "gender_refused_all" : "category_excluded_all";
}

/** By a category's place, its name where one of these candidates has it. */
function namesAmong(places: Int32Array, { categories, categoryOf }: Categories): readonly (string | null)[] {
  const isSeen = new Uint8Array(categories.length);
  for (const place of places) isSeen[categoryOf[place]!] = 1;
  return categories.map((name, at) => (isSeen[at] === 1 ? name : null));
}

/** By a candidate's place, the number of its category; an empty name is none. */
function toGroups({ categories, categoryOf }: Categories): (place: number) => number {
  const numbers = categories.map((name) => categories.findIndex((other) => (other ?? "") === (name ?? "")));
  return (place) => numbers[categoryOf[place]!]!;
}

type Grouping = Readonly<{
  pointsOf: (place: number) => number;
  groupOf: (place: number) => number;
  /** Of each group. */
  count: number;
}>;

/** The best of each group, all together in order. By the unclamped score, so that pieces shown at 1.0 keep their order. */
function bestOfGroups(
  places: Int32Array,
  candidates: readonly Candidate[],
  { pointsOf, groupOf, count }: Grouping,
): readonly Placed[] {
  const byScoreThenId = (first: Placed, second: Placed) =>
    second.points - first.points || byId(candidates[first.place]!, candidates[second.place]!);
  const groups: Placed[][] = [];
  const leastOfGroup: number[] = [];
  for (const place of places) {
    const number = groupOf(place);
    const points = pointsOf(place);
    if (points < (leastOfGroup[number] ?? Number.NEGATIVE_INFINITY)) continue;
    groups[number] ??= [];
    const group = groups[number];
    group.push({ place, points });
    group.sort(byScoreThenId);
    if (group.length > count) group.pop();
    if (group.length === count) leastOfGroup[number] = group.at(-1)!.points;
  }
  return groups.flat().sort(byScoreThenId);
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
