import type { Piece, Reply, ShownItem } from "./reply.js";
import type { Garment, Options } from "./state.js";
import { categoryName } from "./words.js";

/** Why an item of the catalog is not in the outfit, or that it is. */
export type Verdict =
  | Readonly<{ kind: "itself" | "fallback" | "cut" }>
  | Readonly<{ kind: "shown"; rank: number }>
  | Readonly<{ kind: "same_place"; category: string | null; own: string | null }>
  | Readonly<{ kind: "other_wearer"; gender: string }>
  /** `winner` is the last piece that was shown in its place. */
  | Readonly<{ kind: "outscored"; piece: Piece; winner: Piece }>
  | Readonly<{ kind: "refused"; code: string }>;

type Case = Readonly<{ item: ShownItem; garment: Garment; options: Options; reply: Reply }>;

/** What the outfit itself tells already; null where the item has to be asked about. */
export function judgeByOutfit({ item, garment, options, reply }: Case): Verdict | null {
  if (garment.kind === "item" && garment.item.item_id === item.item_id) return { kind: "itself" };
  const shown = reply.recommendations.find(({ item_id }) => item_id === item.item_id);
  if (shown !== undefined) return { kind: "shown", rank: shown.rank };
  if (reply.fallback) return { kind: "fallback" };
  const own = reply.category_vote?.category ?? null;
  const excluded = reply.category_vote?.excluded_categories ?? [];
  if (item.category !== null && (excluded.includes(item.category) || item.category === own)) {
    return { kind: "same_place", category: item.category, own };
  }
  const isRefused = isOpposite(options.gender, item.gender);
  return isRefused ? { kind: "other_wearer", gender: item.gender } : null;
}

/** Of the same question without the item's rivals: it is now in its place, unless the rules cut it off even so. */
export function judgeByProbe(item: ShownItem, reply: Reply, probe: Reply): Verdict {
  const piece = probe.recommendations.find(({ item_id }) => item_id === item.item_id);
  const winner = reply.recommendations.filter(({ category }) => (category ?? null) === item.category).at(-1);
  return piece === undefined || winner === undefined ? { kind: "cut" } : { kind: "outscored", piece, winner };
}

/** The question for that. A picture goes as a data URL, because a header has no room for the rivals. */
export function toProbe(
  { item, garment, options, reply }: Case,
  rivals: readonly ShownItem[],
  image: string | null,
): string {
  const own = reply.category_vote?.category ?? null;
  const source = garment.kind === "item" ? { item_id: garment.item.item_id } : { image };
  return JSON.stringify({
    ...source,
    ...{ profile: reply.profile, explain: true },
    ...(options.gender === "" ? {} : { gender: options.gender }),
    // The rivals vote no more, so what they said is said for them. v4 takes nobody's word.
    ...(own === null || reply.profile === "v4" ? {} : { category: own }),
    exclude_ids: rivals.map(({ item_id }) => item_id).filter((id) => id !== item.item_id),
  });
}

/** The verdict in a sentence. */
export function verdictSentence(verdict: Verdict, sentenceFor: (code: string) => string): string {
  switch (verdict.kind) {
    case "itself":
      return "That is the garment itself.";
    case "shown":
      return `It is in the outfit, number ${verdict.rank} of it.`;
    case "fallback":
      return "No outfit could be made, so only the few most similar pieces are shown.";
    case "cut":
      return "Its score lies below what the rules show: too low, or beyond the number of pieces they allow.";
    case "same_place":
      return verdict.category === verdict.own
        ? `Your garment is a ${categoryName(verdict.own).toLowerCase()} already.`
        : `A ${categoryName(verdict.category).toLowerCase()} fills the same place as your ${categoryName(verdict.own).toLowerCase()}.`;
    case "other_wearer":
      return `It is for ${verdict.gender === "male" ? "men" : "women"}, and you asked for the other.`;
    case "outscored":
      return verdict.piece.score < verdict.winner.score
        ? `“${verdict.winner.title ?? verdict.winner.item_id}” scores higher in its place.`
        : `“${verdict.winner.title ?? verdict.winner.item_id}” scores as much, and goes first by its order.`;
    case "refused":
      return sentenceFor(verdict.code);
  }
}

function isOpposite(wanted: string, gender: string): boolean {
  return (wanted === "male" && gender === "female") || (wanted === "female" && gender === "male");
}
