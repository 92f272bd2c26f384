import type { Candidate } from "./candidate.js";
import type { Ranking } from "./ranking.js";

/** A category whose best piece is another one in the second of two answers; null where one of them shows none. */
export type WinnerChange = Readonly<{ category: string | null; before: Candidate | null; after: Candidate | null }>;

/** The same photo answered twice. */
export type AnsweredTwice = Readonly<{ path: string; before: Ranking; after: Ranking }>;

/** What two answers of one photo do not have in common. */
export type AnswerChange = AnsweredTwice & Readonly<{ winners: readonly WinnerChange[] }>;

/** Shares in [0, 1] of the photos, and those whose answers differ, the ones with most other winners first. */
export type AnswerComparison = Readonly<{
  photos: number;
  same_category: number;
  same_winners: number;
  same_answer: number;
  changes: readonly AnswerChange[];
}>;

/** Pure. @throws RangeError when there is no photo */
export function compareAnswers(answered: readonly AnsweredTwice[]): AnswerComparison {
  if (answered.length === 0) throw new RangeError("answers are compared over one photo at least");
  const share = (is: (each: AnsweredTwice) => boolean) => answered.filter(is).length / answered.length;
  return {
    photos: answered.length,
    same_category: share(({ before, after }) => before.queryCategory === after.queryCategory),
    same_winners: share(({ before, after }) => findWinnerChanges(before, after).length === 0),
    same_answer: share(({ before, after }) => isSameAnswer(before, after)),
    changes: answered
      .filter(({ before, after }) => !isSameAnswer(before, after))
      .map((each) => ({ ...each, winners: findWinnerChanges(each.before, each.after) }))
      .sort((one, other) => other.winners.length - one.winners.length || (one.path < other.path ? -1 : 1)),
  };
}

/** Whether both tell a caller the same: what the query is, and which pieces in which order. */
export function isSameAnswer(first: Ranking, second: Ranking): boolean {
  const told = ({ queryCategory, fallback, suggestions }: Ranking) =>
    JSON.stringify([queryCategory, fallback, suggestions.map(({ candidate }) => toPiece(candidate))]);
  return told(first) === told(second);
}

/** The categories whose best piece differs, in the order in which the answers show them. */
export function findWinnerChanges(first: Ranking, second: Ranking): readonly WinnerChange[] {
  const [before, after] = [toWinners(first), toWinners(second)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((category) => ({ category, before: before.get(category) ?? null, after: after.get(category) ?? null }))
    .filter((change) => !isSamePiece(change.before, change.after));
}

/** The best piece of each category, the suggestions being in order. */
function toWinners({ suggestions }: Ranking): ReadonlyMap<string | null, Candidate> {
  const winners = new Map<string | null, Candidate>();
  for (const { candidate } of suggestions) {
    if (!winners.has(candidate.category)) winners.set(candidate.category, candidate);
  }
  return winners;
}

function isSamePiece(first: Candidate | null, second: Candidate | null): boolean {
  return first !== null && second !== null && toPiece(first) === toPiece(second);
}

/** By its id, so that catalogs in another order can be compared; V4's items may have none. */
function toPiece({ id, row }: Candidate): string | number {
  return id ?? row;
}
