import type { Candidate, Candidates } from "./candidate.js";
import type { CatalogGroups } from "./catalog-groups.js";
import { type Estimate, findContenders } from "./contenders.js";
import { unknownGender, v5Admits } from "./gender.js";
import { bySimilarityThenId } from "./settled-category.js";

/** One of the nearest items and its similarity to the query, in [-1, 1]. */
export type SimilarItem = Readonly<{ candidate: Candidate; similarity: number }>;

/** What is looked for. A category, when given, is the only one shown; a gender leaves out the items it does not admit. */
export type SimilarInput = Readonly<{
  candidates: Candidates;
  /** Of the candidates. */
  groups: CatalogGroups;
  estimate: Estimate;
  /** Places among the candidates that are not shown. */
  excludedPlaces: ReadonlySet<number>;
  category: string | null;
  gender: string;
  count: number;
}>;

/** The most similar items, closest first; equal ones by id, so that the catalog's order does not matter. */
export function findSimilar(input: SimilarInput): readonly SimilarItem[] {
  const { candidates, groups, estimate, excludedPlaces, category, gender, count } = input;
  if (count === 0) return [];
  const { categories, genders } = groups.columns;
  const admits = genders.map((each) => v5Admits(gender, each ?? unknownGender));
  const stretches = groups.groups
    .filter((group) => admits[group.gender]! && (category === null || categories[group.category] === category))
    .map(({ from, to }) => ({
      ...{ places: groups.isInOrder ? null : groups.places, from, to },
      ...{ toValue: (similarity: number) => similarity, most: Number.POSITIVE_INFINITY },
    }));
  const isPerhaps = (place: number) => !excludedPlaces.has(place);
  const found = findContenders({ estimate, stretches, count, isPerhaps, isSurely: () => true });
  const places = found.places.toSorted((one, other) => one - other);
  const exact = estimate.exactly(places);
  return places
    .map((place, at) => ({ candidate: candidates.at(place)!, similarity: exact[at]! }))
    .sort(bySimilarityThenId)
    .slice(0, count);
}
