import type { Piece, Reply } from "./reply.js";

/** What both profiles put into one place of the outfit; `same` when it is the same piece. */
export type CompareRow = Readonly<{
  category: string | null;
  first: readonly Piece[];
  second: readonly Piece[];
  same: boolean;
}>;

/** The places of both outfits, those of the first one first, each with what either profile put there. */
export function toCompareRows(first: Reply, second: Reply): readonly CompareRow[] {
  const categories = [...first.recommendations, ...second.recommendations].map(({ category }) => category);
  return [...new Set(categories)].map((category) => {
    const of = ({ recommendations }: Reply) => recommendations.filter((piece) => piece.category === category);
    const [ours, theirs] = [of(first), of(second)];
    const ids = (pieces: readonly Piece[]) => pieces.map(({ item_id }) => item_id).join("\n");
    return { category, first: ours, second: theirs, same: ids(ours) === ids(theirs) };
  });
}
