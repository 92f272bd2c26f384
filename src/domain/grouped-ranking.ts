import { pickColumns, toSlots } from "./candidate-columns.js";
import { type CatalogGroup, type CatalogGroups, createHarmonyRuns } from "./catalog-groups.js";
import type { Near } from "./category-votes.js";
import { v5Boosts, v5Excludes } from "./compatibility.js";
import { unknownGender, v5Admits } from "./gender.js";
import { keepBest } from "./keep-best.js";
import type { RankInput, Ranking } from "./ranking.js";
import { fallbackCount, rankAsV5 } from "./ranking-v5.js";
import { harmonyPoints, toGenderPoints, toRawPoints } from "./score-v5.js";
import { bySimilarityThenId, settleCategory } from "./settled-category.js";

/** What is known of every candidate's similarity, by its place. */
export type Estimate = Readonly<{
  similarities: Float32Array;
  /** None is further than this from the true one. */
  slack: number;
  /** The true ones of some places. */
  exactly: (places: readonly number[]) => ArrayLike<number>;
}>;

/** Of similarities that are known already. */
export function toExactEstimate(similarities: Float32Array): Estimate {
  return { similarities, slack: 0, exactly: (places) => places.map((place) => similarities[place]!) };
}

/** A ranking's input, with the whole catalog's groups and an estimate in the place of its similarities. */
export type GroupedInput = Omit<RankInput, "similarities" | "columns"> &
  Readonly<{ groups: CatalogGroups; estimate: Estimate }>;

/**
 * What `rankAsV5` answers, to the last bit, without a look at every candidate's score: those that could be in the
 * answer are found first, and ranked alone. Within a run of one harmony the most similar are the best, and a run whose
 * best cannot reach what the slot has already is left out whole.
 */
export function rankGroupedAsV5(input: GroupedInput): Ranking {
  const { groups, estimate, candidates } = input;
  const nearest = findNearest(input);
  const outfit = findBest(input, toOutfitSearch(input, nearest));
  const standIns = outfit.isSure ? [] : findBest(input, toFallbackSearch(input, nearest)).places;
  const found = new Set([...nearest.places, ...findWitnesses(input), ...outfit.places, ...standIns]);
  const places = [...found].sort((one, other) => one - other);
  return rankAsV5({
    ...input,
    candidates: places.map((place) => candidates[place]!),
    columns: pickColumns(groups.columns, places),
    similarities: estimate.exactly(places),
    excludedPlaces: new Set(),
  });
}

/** Whether a place is neither the query itself nor excluded: surely, perhaps or surely not. */
function createOtherness({ estimate, excludedPlaces, rules }: GroupedInput) {
  const { similarities, slack } = estimate;
  return {
    isPerhaps: (place: number) => similarities[place]! - slack < rules.sameItemSimilarity && !excludedPlaces.has(place),
    /** Of one that is perhaps. */
    isSurely: (place: number) => similarities[place]! + slack < rules.sameItemSimilarity,
  };
}

type Nearest = Readonly<{ places: readonly number[]; near: readonly Near[] }>;

/** Every place that may be a voter, and the voters. */
function findNearest(input: GroupedInput): Nearest {
  const { estimate, candidates, rules } = input;
  const { similarities, slack } = estimate;
  const { isPerhaps, isSurely } = createOtherness(input);
  const found: number[] = [];
  const leaders: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  walkFrom(least, similarities, (place, similarity) => {
    if (!isPerhaps(place)) return least;
    found.push(place);
    if (!isSurely(place)) return least;
    keepBest(leaders, similarity, rules.voters, descending);
    if (leaders.length === rules.voters) least = leaders.at(-1)! - 2 * slack;
    return least;
  });
  const places = found.filter((place) => similarities[place]! >= least);
  const exact = estimate.exactly(places);
  const others = places
    .map((place, at) => ({ candidate: candidates[place]!, similarity: exact[at]! }))
    .filter(({ similarity }) => similarity < rules.sameItemSimilarity);
  return { places, near: others.sort(bySimilarityThenId).slice(0, rules.voters) };
}

// The two loops over everything are functions of their own and of plain arrays: V8 compiles them once, whatever the callers hand
// them, and what they call is called for few.

/** Looks at whoever has at least what `look` gave back last. */
function walkFrom(
  first: number,
  similarities: Float32Array,
  look: (place: number, similarity: number) => number,
): void {
  let least = first;
  for (let place = 0; place < similarities.length; place++) {
    if (similarities[place]! >= least) least = look(place, similarities[place]!);
  }
}

/** Looks at whoever of [from, to) has more than `look` gave back last. */
function walkAbove(
  run: Pick<Run, "from" | "to">,
  places: Int32Array,
  similarities: Float32Array,
  look: (place: number, similarity: number) => number,
): void {
  let refused = Number.NEGATIVE_INFINITY;
  const { from, to } = run;
  for (let at = from; at < to; at++) {
    const similarity = similarities[places[at]!]!;
    if (similarity > refused) refused = look(places[at]!, similarity);
  }
}

/** For each pair of category and gender that the catalog has, one that shows it to be present, if any. */
function findWitnesses(input: GroupedInput): readonly number[] {
  const { columns, groups, places } = input.groups;
  const { isPerhaps, isSurely } = createOtherness(input);
  const known = new Set<number>();
  const witnesses: number[] = [];
  for (const { category, gender, from, to } of groups) {
    const pair = category * columns.genders.length + gender;
    for (let at = from; at < to && !known.has(pair); at++) {
      const place = places[at]!;
      if (!isPerhaps(place)) continue;
      witnesses.push(place);
      if (isSurely(place)) known.add(pair);
    }
  }
  return witnesses;
}

/** Where to look for the best, and of what. */
type Search = Readonly<{
  isIn: (group: CatalogGroup) => boolean;
  isBoosted: (category: number) => boolean;
  slotOf: (category: number) => number;
  /** Of each slot. */
  count: number;
  /** No other candidate is more similar. */
  closest: number;
}>;

function toOutfitSearch(input: GroupedInput, nearest: Nearest): Search {
  const { categories } = input.groups.columns;
  const { queryCategory } = settleCategory(nearest.near, input);
  const isExcluded = categories.map((category) => queryCategory !== null && v5Excludes(queryCategory, category));
  const isCompatible = categories.map((category) => queryCategory !== null && v5Boosts(queryCategory, category));
  const slots = toSlots(categories);
  const fallback = toFallbackSearch(input, nearest);
  return {
    ...fallback,
    isIn: (group) => !isExcluded[group.category]! && fallback.isIn(group),
    isBoosted: (category) => isCompatible[category]!,
    slotOf: (category) => slots[category]!,
    count: input.itemsPerCategory,
  };
}

function toFallbackSearch({ query, groups }: GroupedInput, { near }: Nearest): Search {
  const admits = groups.columns.genders.map((gender) => v5Admits(query.gender, gender ?? unknownGender));
  const closest = near[0]?.similarity ?? Number.NEGATIVE_INFINITY;
  return {
    isIn: ({ gender }) => admits[gender]!,
    isBoosted: () => false,
    slotOf: () => 0,
    count: fallbackCount,
    closest,
  };
}

/** A run of one harmony: what each of its members has for certain, and what none of them passes. */
type Run = Readonly<{ from: number; to: number; fixed: number; boosted: boolean; most: number }>;

/** Every place that may be among the best of its slot; and whether one of them surely is another than the query. */
function findBest(input: GroupedInput, search: Search): Readonly<{ places: readonly number[]; isSure: boolean }> {
  const found = [...toRunsBySlot(input, search).values()].map((runs) => findBestOfSlot(input, runs, search.count));
  return { places: found.flatMap(({ places }) => places), isSure: found.some(({ isSure }) => isSure) };
}

function toRunsBySlot({ groups, query, rules }: GroupedInput, search: Search): ReadonlyMap<number, readonly Run[]> {
  const { columns } = groups;
  const runsOf = createHarmonyRuns(groups, query.color.hsl);
  const pointsOfGender = columns.genders.map((gender) => toGenderPoints(query.gender, gender));
  const runsBySlot = new Map<number, Run[]>();
  for (const group of groups.groups) {
    if (!search.isIn(group)) continue;
    const boosted = search.isBoosted(group.category);
    const slot = search.slotOf(group.category);
    const runs = runsBySlot.get(slot) ?? [];
    runsBySlot.set(slot, runs);
    for (const { harmony, from, to } of runsOf(group)) {
      const fixed = harmonyPoints[harmony] + pointsOfGender[group.gender]!;
      runs.push({ from, to, fixed, boosted, most: mostPoints(search.closest, fixed, boosted, rules) });
    }
  }
  // The best come first, so that they raise what the others have to reach.
  for (const runs of runsBySlot.values()) runs.sort((one, other) => other.most - one.most);
  return runsBySlot;
}

function mostPoints(closest: number, fixed: number, boosted: boolean, rules: RankInput["rules"]): number {
  return closest === Number.NEGATIVE_INFINITY ? closest : toRawPoints(closest, fixed, boosted, rules);
}

function findBestOfSlot(input: GroupedInput, runs: readonly Run[], count: number) {
  const { groups, estimate, rules } = input;
  const { similarities, slack } = estimate;
  const { isPerhaps, isSurely } = createOtherness(input);
  const found: { place: number; most: number }[] = [];
  const leaders: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (const run of runs) {
    const { fixed, boosted } = run;
    if (run.most < least) break;
    // What a member of this run had that was too little: whoever has no more of it needs no further look.
    let refused = Number.NEGATIVE_INFINITY;
    walkAbove(run, groups.places, similarities, (place, similarity) => {
      if (!isPerhaps(place)) return refused;
      const most = toRawPoints(similarity + slack, fixed, boosted, rules);
      if (most < least) {
        refused = similarity;
        return refused;
      }
      found.push({ place, most });
      if (!isSurely(place)) return refused;
      keepBest(leaders, toRawPoints(similarity - slack, fixed, boosted, rules), count, descending);
      if (leaders.length === count) least = leaders.at(-1)!;
      return refused;
    });
  }
  return { places: found.filter(({ most }) => most >= least).map(({ place }) => place), isSure: leaders.length > 0 };
}

function descending(one: number, other: number): number {
  return other - one;
}
