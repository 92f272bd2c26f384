import type { Candidate } from "./candidate.js";

/** One of the nearest items, asked for its category. `weight` is what its vote counts; 0 without a category. */
export type Voter = Readonly<{ candidate: Candidate; similarity: number; weight: number }>;

/** Votes for one category. The `share` values of all categories sum to 1. */
export type CategoryVote = Readonly<{ category: string; votes: number; share: number }>;

/** The outcome of a vote; `winner` is null when no voter has a category. */
export type Vote = Readonly<{ winner: string | null; tally: readonly CategoryVote[]; voters: readonly Voter[] }>;

/** An item and its similarity to the query, in [-1, 1]. */
export type Near = Readonly<{ candidate: Candidate; similarity: number }>;

/**
 * V4's vote: one voice each, the voters without a category stay silent and are not replaced,
 * a tie goes to the category seen first. Nearest first.
 */
export function voteEqually(nearest: readonly Near[]): Vote {
  return toVote(nearest.map((near) => ({ ...near, weight: near.candidate.category ? 1 : 0 })));
}

/**
 * Each voice counts exp(similarity / temperature), relative to the closest, so that one near item outweighs two
 * distant ones: the weighting of Wu et al., "Unsupervised Feature Learning via Non-Parametric Instance
 * Discrimination", CVPR 2018, section 3.4. @throws RangeError when the temperature is not positive.
 */
export function voteBySimilarity(nearest: readonly Near[], temperature: number): Vote {
  if (!(temperature > 0)) throw new RangeError(`a vote's temperature is positive, not ${temperature}`);
  const closest = nearest.reduce((max, { similarity }) => Math.max(max, similarity), Number.NEGATIVE_INFINITY);
  const weigh = ({ candidate, similarity }: Near) =>
    candidate.category ? Math.exp((similarity - closest) / temperature) : 0;
  return toVote(nearest.map((near) => ({ ...near, weight: weigh(near) })));
}

function toVote(voters: readonly Voter[]): Vote {
  const sums = new Map<string, { votes: number; weight: number }>();
  for (const { candidate, weight } of voters) {
    if (!candidate.category) continue;
    const sum = sums.get(candidate.category) ?? { votes: 0, weight: 0 };
    sums.set(candidate.category, { votes: sum.votes + 1, weight: sum.weight + weight });
  }
  const total = [...sums.values()].reduce((sum, { weight }) => sum + weight, 0);
  const tally = [...sums].map(([category, { votes, weight }]) => ({ category, votes, share: weight / total }));
  // Array sort is stable, so equal shares keep the order in which their categories were seen.
  tally.sort((first, second) => second.share - first.share);
  return { winner: tally[0]?.category ?? null, tally, voters };
}
