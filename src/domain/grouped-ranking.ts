import type { Candidates } from "./candidate.js";
import { pickColumns, toSlots } from "./candidate-columns.js";
import { type CatalogGroup, type CatalogGroups, createHarmonyRuns } from "./catalog-groups.js";
import type { Near } from "./category-votes.js";
import { v5Boosts, v5Excludes } from "./compatibility.js";
import { type Contenders, type Estimate, findContenders, type Stretch } from "./contenders.js";
import { unknownGender, v5Admits } from "./gender.js";
import type { RankInput, Ranking } from "./ranking.js";
import { fallbackCount, rankAsV5 } from "./ranking-v5.js";
import { harmonyPoints, toGenderPoints, toRawPoints } from "./score-v5.js";
import { bySimilarityThenId, settleCategory } from "./settled-category.js";

/** A ranking's input, with the whole catalog's groups and an estimate in the place of its similarities. */
export type GroupedInput = Omit<RankInput, "similarities" | "columns" | "candidates"> &
  Readonly<{ candidates: Candidates; groups: CatalogGroups; estimate: Estimate }>;

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
    candidates: places.map((place) => candidates.at(place)!),
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
  const all = { places: null, from: 0, to: candidates.length, toValue: itself, most: Number.POSITIVE_INFINITY };
  const { places } = findContenders({
    ...createOtherness(input),
    ...{ estimate, stretches: [all], count: rules.voters },
  });
  const exact = estimate.exactly(places);
  const others = places
    .map((place, at) => ({ candidate: candidates.at(place)!, similarity: exact[at]! }))
    .filter(({ similarity }) => similarity < rules.sameItemSimilarity);
  return { places, near: others.sort(bySimilarityThenId).slice(0, rules.voters) };
}

function itself(similarity: number): number {
  return similarity;
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
  /** No other candidate is more similar; null when there is none. */
  closest: number | null;
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
  const closest = near[0]?.similarity ?? null;
  return {
    isIn: ({ gender }) => admits[gender]!,
    isBoosted: () => false,
    slotOf: () => 0,
    count: fallbackCount,
    closest,
  };
}

/** Every place that may be among the best of its slot. */
function findBest(input: GroupedInput, search: Search): Contenders {
  const shared = { ...createOtherness(input), estimate: input.estimate, count: search.count };
  const found = [...toStretchesBySlot(input, search).values()].map((stretches) =>
    findContenders({ ...shared, stretches }),
  );
  return { places: found.flatMap(({ places }) => places), isSure: found.some(({ isSure }) => isSure) };
}

function toStretchesBySlot(
  { groups, query, rules }: GroupedInput,
  search: Search,
): ReadonlyMap<number, readonly Stretch[]> {
  const runsOf = createHarmonyRuns(groups, query.color.hsl);
  const pointsOfGender = groups.columns.genders.map((gender) => toGenderPoints(query.gender, gender));
  const bySlot = new Map<number, Stretch[]>();
  for (const group of groups.groups) {
    if (!search.isIn(group)) continue;
    const boosted = search.isBoosted(group.category);
    const slot = search.slotOf(group.category);
    const stretches = bySlot.get(slot) ?? [];
    bySlot.set(slot, stretches);
    for (const { harmony, from, to } of runsOf(group)) {
      const fixed = harmonyPoints[harmony] + pointsOfGender[group.gender]!;
      const toValue = (similarity: number) => toRawPoints(similarity, fixed, boosted, rules);
      const most = search.closest === null ? Number.NEGATIVE_INFINITY : toValue(search.closest);
      stretches.push({ places: groups.isInOrder ? null : groups.places, from, to, toValue, most });
    }
  }
  // The best come first, so that they raise what the others have to reach.
  for (const stretches of bySlot.values()) stretches.sort((one, other) => other.most - one.most);
  return bySlot;
}
