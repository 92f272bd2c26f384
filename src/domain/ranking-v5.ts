import type { Candidate } from "./candidate.js";
import { type CandidateColumns, toColumns, toSlots } from "./candidate-columns.js";
import { byId } from "./candidate-order.js";
import type { Near } from "./category-votes.js";
import { v5Boosts, v5Excludes } from "./compatibility.js";
import { unknownGender, v5Admits } from "./gender.js";
import { keepBest } from "./keep-best.js";
import { toV5Reason } from "./match-reason.js";
import type { FallbackReason, RankInput, Ranking, Suggestion } from "./ranking.js";
import { toPoints } from "./rounding.js";
import { createRawPoints, type Scored, scoreCandidate } from "./score-v5.js";
import { bySimilarityThenId, settleCategory } from "./settled-category.js";

/** How many similar pieces stand in when no outfit can be made. */
export const fallbackCount = 5;

/** A candidate by its place among them, and its score before the clamp in ten-thousandths. */
type Placed = Readonly<{ place: number; points: number }>;

/** What one walk over all candidates finds out. */
type Survey = Readonly<{
  /** Whether a place is neither the query itself nor excluded by the caller. */
  isOther: (place: number) => boolean;
  /** The voters, closest first. */
  nearest: readonly Near[];
  /** By a category's place: whether another candidate has it, and whether one that the query's gender admits has it. */
  isPresent: Uint8Array;
  isAdmitted: Uint8Array;
}>;

/**
 * The outfit around the query: the best pieces of every other place in it. The order of the catalog does not matter:
 * equal scores are ordered by id. The whole catalog is walked twice, as numbers; objects are made of what is shown alone.
 */
export function rankAsV5(given: RankInput): Ranking {
  const input = { ...given, columns: given.columns ?? toColumns(given.candidates) };
  const { candidates, similarities, query, rules, columns } = input;
  const { categories, categoryOf, genders, genderOf } = columns;
  const admitsGender = genders.map((gender) => v5Admits(query.gender, gender ?? unknownGender));
  const survey = surveyCandidates(input, admitsGender);
  const settled = settleCategory(survey.nearest, input);
  const { queryCategory } = settled;
  const isExcluded = categories.map((category) => queryCategory !== null && v5Excludes(queryCategory, category));
  const isCompatible = categories.map((category) => queryCategory !== null && v5Boosts(queryCategory, category));
  const fallback = toFallbackReason(survey, isExcluded);
  const isBoosted = (place: number) => fallback === null && isCompatible[categoryOf[place]!]!;
  const isIn = (place: number) =>
    admitsGender[genderOf[place]!]! && (fallback !== null || !isExcluded[categoryOf[place]!]!) && survey.isOther(place);
  const rawPoints = createRawPoints(query, columns, rules);
  const pointsOf = (place: number) => rawPoints(place, similarities[place]!, isBoosted(place));
  const slots = toSlots(categories);
  const best = bestOfGroups(candidates, {
    ...{ isIn, pointsOf },
    ...(fallback === null
      ? { groupOf: (place: number) => slots[categoryOf[place]!]!, count: input.itemsPerCategory }
      : { groupOf: () => 0, count: fallbackCount }),
  });
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
    excludedCategories: categories.flatMap((name, at) => (survey.isPresent[at] && isExcluded[at] && name) || []).sort(),
    fallback,
    suggestions: shown
      .slice(0, input.maxTotal ?? rules.maxTotal)
      .map((each, i) => toSuggestion(each, i + 1, queryCategory)),
  };
}

/** Leaves out what the caller excludes and what is the query itself: an embedding all but identical. */
function surveyCandidates(
  { candidates, similarities, excludedPlaces, rules, columns }: RankInput & Readonly<{ columns: CandidateColumns }>,
  admitsGender: readonly boolean[],
): Survey {
  const { categories, categoryOf, genderOf } = columns;
  const hasExcluded = excludedPlaces.size > 0;
  const isOther = (place: number) =>
    similarities[place]! < rules.sameItemSimilarity && !(hasExcluded && excludedPlaces.has(place));
  const [isPresent, isAdmitted] = [new Uint8Array(categories.length), new Uint8Array(categories.length)];
  const nearest: Near[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < candidates.length; place++) {
    if (!isOther(place)) continue;
    const category = categoryOf[place]!;
    isPresent[category] = 1;
    if (admitsGender[genderOf[place]!]) isAdmitted[category] = 1;
    const similarity = similarities[place]!;
    if (similarity < least) continue;
    keepBest(nearest, { candidate: candidates[place]!, similarity }, rules.voters, bySimilarityThenId);
    if (nearest.length === rules.voters) least = nearest.at(-1)!.similarity;
  }
  return { isOther, nearest, isPresent, isAdmitted };
}

/** Null when an outfit can be made. */
function toFallbackReason({ isPresent, isAdmitted }: Survey, isExcluded: readonly boolean[]): FallbackReason | null {
  if (isAdmitted.some((admitted, category) => admitted === 1 && !isExcluded[category])) return null;
  if (!isPresent.includes(1)) return "no_candidates";
  return isAdmitted.includes(1) ? "category_excluded_all" : "gender_refused_all";
}

type Grouping = Readonly<{
  isIn: (place: number) => boolean;
  pointsOf: (place: number) => number;
  groupOf: (place: number) => number;
  /** Of each group. */
  count: number;
}>;

/** The best of each group, all together in order. By the unclamped score, so that pieces shown at 1.0 keep their order. */
function bestOfGroups(
  candidates: readonly Candidate[],
  { isIn, pointsOf, groupOf, count }: Grouping,
): readonly Placed[] {
  const byScoreThenId = (first: Placed, second: Placed) =>
    second.points - first.points || byId(candidates[first.place]!, candidates[second.place]!);
  const groups: Placed[][] = [];
  const leastOfGroup: number[] = [];
  for (let place = 0; place < candidates.length; place++) {
    if (!isIn(place)) continue;
    const number = groupOf(place);
    const points = pointsOf(place);
    if (points < (leastOfGroup[number] ?? Number.NEGATIVE_INFINITY)) continue;
    groups[number] ??= [];
    const group = groups[number];
    keepBest(group, { place, points }, count, byScoreThenId);
    if (group.length === count) leastOfGroup[number] = group.at(-1)!.points;
  }
  return groups.flat().sort(byScoreThenId);
}

function toSuggestion(scored: Scored, rank: number, queryCategory: string | null): Suggestion {
  const { candidate, boosted, harmony } = scored;
  const pair = { query: queryCategory, item: candidate.category, boosted };
  return { ...scored, rank, reason: toV5Reason(harmony.harmony, pair) };
}
