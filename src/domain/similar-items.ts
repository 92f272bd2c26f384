import { type Candidate, toItemId } from "./candidate.js";
import { unknownGender, v5Admits } from "./gender.js";

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
  const kept = candidates.flatMap((candidate, row) => {
    const isShown =
      !excludedPlaces.has(row) &&
      (category === null || candidate.category === category) &&
      v5Admits(gender, candidate.gender ?? unknownGender);
    return isShown ? [{ candidate, similarity: similarities[row]! }] : [];
  });
  kept.sort((first, second) => second.similarity - first.similarity || byId(first.candidate, second.candidate));
  return kept.slice(0, count);
}

function byId(first: Candidate, second: Candidate): number {
  const [one, other] = [toItemId(first), toItemId(second)];
  return one < other ? -1 : one > other ? 1 : 0;
}
