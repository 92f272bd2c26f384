import type { Candidate } from "./candidate.js";
import { type Near, voteEqually } from "./category-votes.js";
import { dotProduct } from "./embedding.js";

/** The nearest other photos of one photo in one space, nearest first, equals by the lower row; ten at most. */
export type Neighborhood = readonly Readonly<{ row: number; similarity: number }>[];

const voters = 5;
const kept = 10;

/** Each row's neighborhood among the others, [rows, dimension]; all of them where there are fewer than ten. */
export function findNeighborhoods(values: Float32Array, dimension: number): readonly Neighborhood[] {
  const rows = Array.from({ length: values.length / dimension }, (_, row) =>
    values.subarray(row * dimension, (row + 1) * dimension),
  );
  return rows.map((query, row) => {
    const nearest: { row: number; similarity: number }[] = [];
    for (const [other, values] of rows.entries()) {
      if (other !== row) insert(nearest, other, dotProduct(query, values));
    }
    return nearest;
  });
}

/** Rows come in rising order, so that an equal one goes behind. */
function insert(nearest: { row: number; similarity: number }[], row: number, similarity: number): void {
  if (nearest.length === kept && similarity <= nearest[kept - 1]!.similarity) return;
  let place = nearest.length;
  while (place > 0 && nearest[place - 1]!.similarity < similarity) place--;
  nearest.splice(place, 0, { row, similarity });
  nearest.length = Math.min(nearest.length, kept);
}

/** The category that the five nearest others of each photo elect; a tie goes to the nearest. Null without others. */
export function winnersOf(
  neighborhoods: readonly Neighborhood[],
  categories: readonly string[],
): readonly (string | null)[] {
  const candidates = categories.map(toCandidate);
  return neighborhoods.map((neighborhood) => {
    const near: Near[] = neighborhood
      .slice(0, voters)
      .map(({ row, similarity }) => ({ candidate: candidates[row]!, similarity }));
    return voteEqually(near).winner;
  });
}

/** Share of photos with the same winner in both. */
export function agreementOfVotes(first: readonly (string | null)[], second: readonly (string | null)[]): number {
  return first.filter((winner, photo) => winner === second[photo]).length / first.length;
}

/** Mean share of the ten nearest that both spaces have in common; of all the others where there are fewer. */
export function topTenOverlapOf(first: readonly Neighborhood[], second: readonly Neighborhood[]): number {
  const shares = first.map((neighborhood, photo) => {
    const rows = new Set(second[photo]!.map(({ row }) => row));
    return neighborhood.filter(({ row }) => rows.has(row)).length / neighborhood.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** A vote asks for nothing but the category. */
function toCandidate(category: string, row: number): Candidate {
  return { row, id: null, category, gender: null, path: null, color: null, plainColor: null };
}
