import type { Candidate } from "./candidate.js";
import { unknownGender, v5Admits } from "./gender.js";
import { keepBest } from "./keep-best.js";
import { bySimilarityThenId } from "./settled-category.js";

/** One of the nearest items and its similarity to the query, in [-1, 1]. */
export type SimilarItem = Readonly<{ candidate: Candidate; similarity: number }>;

/** What is looked for. A category, when given, is the only one shown; a gender leaves out the items it does not admit. */
export type SimilarInput = Readonly<{
  candidates: readonly Candidate[];
  similarities: Float32Array;
  /** Places among the candidates that are not shown. */
  excludedPlaces: ReadonlySet<number>;
  category: string | null;
  gender: string;
  count: number;
}>;

/** The most similar items, closest first; equal ones by id, so that the catalog's order does not matter. */
export function findSimilar(input: SimilarInput): readonly SimilarItem[] {
  const { candidates, similarities, excludedPlaces, category, gender, count } = input;
  const best: SimilarItem[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (const [place, candidate] of candidates.entries()) {
    const similarity = similarities[place]!;
    if (similarity < least || excludedPlaces.has(place)) continue;
    if (category !== null && candidate.category !== category) continue;
    if (!v5Admits(gender, candidate.gender ?? unknownGender)) continue;
    keepBest(best, { candidate, similarity }, count, bySimilarityThenId);
    least = best.at(count - 1)?.similarity ?? least;
  }
  return best;
}
