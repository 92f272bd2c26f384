import { findWinnerChanges, isSameAnswer } from "./answer-changes.js";
import type { Neighbor } from "./catalog.js";
import type { Ranking } from "./ranking.js";

/** What one query is answered with: its nearest rows, most similar first, and its outfit. */
export type FoundAnswer = Readonly<{ neighbors: readonly Neighbor[]; ranking: Ranking }>;

/** One query's answer by a look at every row, and by an index that may have skipped some. */
export type AnswerPair = Readonly<{ exhaustive: FoundAnswer; found: FoundAnswer }>;

/** How the two answers of one query agree. `recallAt10` is a share in [0, 1]. */
export type AnswerAgreement = Readonly<{
  recallAt10: number;
  sameCategory: boolean;
  sameWinners: boolean;
  sameAnswer: boolean;
}>;

/** Over all queries: how much of the ten nearest the index finds on average, and shares in [0, 1] of the queries. */
export type IndexAgreement = Readonly<{
  queries: number;
  recallAt10: number;
  /** Taken for the same category. */
  sameCategory: number;
  /** The same best piece of every category. */
  sameWinners: number;
  /** The same category and pieces in the same order, and the same reason where no outfit could be made. */
  sameAnswer: number;
}>;

const recallCount = 10;
/** Two sums of the same products in another order differ by less: neighbors this close to the last one wanted are as good. */
const tieWidth = 1e-6;

/** Pure. @throws RangeError when there is no query: nothing was measured then */
export function measureAgreement(pairs: readonly AnswerPair[]): IndexAgreement {
  if (pairs.length === 0) throw new RangeError("agreement is measured over one query at least");
  const agreements = pairs.map(toAgreement);
  const mean = (value: (each: AnswerAgreement) => number) =>
    agreements.reduce((sum, each) => sum + value(each), 0) / agreements.length;
  return {
    queries: agreements.length,
    recallAt10: mean(({ recallAt10 }) => recallAt10),
    sameCategory: mean(({ sameCategory }) => Number(sameCategory)),
    sameWinners: mean(({ sameWinners }) => Number(sameWinners)),
    sameAnswer: mean(({ sameAnswer }) => Number(sameAnswer)),
  };
}

/** Of one query, to find those that the index answers otherwise. */
export function toAgreement({ exhaustive, found }: AnswerPair): AnswerAgreement {
  return {
    recallAt10: toRecall(exhaustive.neighbors.slice(0, recallCount), found.neighbors.slice(0, recallCount)),
    sameCategory: exhaustive.ranking.queryCategory === found.ranking.queryCategory,
    sameWinners: findWinnerChanges(exhaustive.ranking, found.ranking).length === 0,
    sameAnswer: isSameAnswer(exhaustive.ranking, found.ranking),
  };
}

/** The share of the wanted rows that were found; a tie with the last of them counts as it. None wanted, none missed. */
function toRecall(wanted: readonly Neighbor[], found: readonly Neighbor[]): number {
  const last = wanted.at(-1);
  if (last === undefined) return 1;
  const rows = new Set(wanted.map(({ row }) => row));
  const isTied = (similarity: number) => Math.abs(similarity - last.similarity) <= tieWidth;
  const hits = new Set(
    found.filter(({ row, similarity }) => rows.has(row) || isTied(similarity)).map(({ row }) => row),
  );
  return Math.min(hits.size, wanted.length) / wanted.length;
}
