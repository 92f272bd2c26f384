import type { Candidate, KnownColor } from "./candidate.js";
import { toColumns } from "./candidate-columns.js";
import type { CatalogItem } from "./catalog.js";
import { toCandidates } from "./catalog-candidates.js";
import { type CatalogGroups, toCatalogGroups } from "./catalog-groups.js";
import { toExactEstimate } from "./contenders.js";
import { ServiceError } from "./errors.js";
import { unknownGender } from "./gender.js";
import { rankGroupedAsV5 } from "./grouped-ranking.js";
import type { Profile } from "./profile.js";
import type { Query } from "./query.js";
import type { RankInput, Ranking } from "./ranking.js";
import type { RankingRules } from "./ranking-rules.js";
import { rankAsV4 } from "./ranking-v4.js";
import { findSimilar, type SimilarItem } from "./similar-items.js";
import { toV4Order } from "./similarity-order.js";
import type { VoteCalibration } from "./vote-confidence.js";

/** A catalog ready to be ranked: each profile's candidates are worked out once, not per request. */
export type Shelf = Readonly<{
  items: readonly CatalogItem[];
  rowOf: ReadonlyMap<string, number>;
  candidates: Readonly<Record<Profile, readonly Candidate[]>>;
  /** Of the `v5` candidates. */
  groups: CatalogGroups;
  rules: RankingRules;
  calibration: VoteCalibration;
}>;

/** What a query is answered with. `similar` holds the nearest items in `similar` mode, `ranking` the outfit otherwise. */
export type Answer = Readonly<{
  /** The gender the ranking went by, and how sure: 1 when the caller said it, 0 when nobody did. */
  gender: Readonly<{ value: string; confidence: number }>;
  ranking: Ranking | null;
  similar: readonly (SimilarItem & Readonly<{ item: CatalogItem }>)[];
  /** Rows whose similarity was worked out, and of those the candidates that were considered. */
  searchedRows: number;
  totalCandidates: number;
}>;

/** The similarity of every row, in row order, and the color the query goes by; null when it has none. */
export type Sight = Readonly<{ color: KnownColor | null; similarities: Float32Array }>;

export function toShelf(
  items: readonly CatalogItem[],
  { rules, calibration }: Pick<Shelf, "rules" | "calibration">,
): Shelf {
  const candidates = { v4: toCandidates(items, "v4"), v5: toCandidates(items, "v5") };
  const rowOf = new Map(items.map(({ id, row }) => [id, row]));
  return { items, rowOf, candidates, groups: toCatalogGroups(toColumns(candidates.v5)), rules, calibration };
}

/** Pure. @throws ServiceError `option_invalid` when an outfit is asked for and the query has no color */
export function toAnswer(shelf: Shelf, query: Query, { color, similarities }: Sight): Answer {
  const { items, rowOf, rules, calibration } = shelf;
  const candidates = shelf.candidates[query.profile];
  const gender = toQueryGender(query);
  const excludeIds = query.source.kind === "item" ? [...query.excludeIds, query.source.id] : query.excludeIds;
  const excludedPlaces = new Set(excludeIds.flatMap((id) => rowOf.get(id) ?? []));
  const count = Math.min(query.topK ?? rules.maxTotal, rules.maxTotal);
  const searchedRows = similarities.length;
  const totalCandidates = candidates.length - excludedPlaces.size;
  const wanted = { gender: gender.value, category: query.category };
  if (query.mode === "similar") {
    const similar = findSimilar({ ...wanted, excludedPlaces, candidates, similarities, count });
    const shown = similar.map((each) => ({ ...each, item: items[each.candidate.row]! }));
    return { gender, ranking: null, similar: shown, searchedRows, totalCandidates };
  }
  if (color === null) {
    throw new ServiceError("option_invalid", { option: "color_rgb", reason: "an outfit needs a color" });
  }
  const itemsPerCategory = query.itemsPerCategory ?? rules.itemsPerCategory;
  const shared = { candidates, excludedPlaces, rules, maxTotal: count, itemsPerCategory, calibration };
  const input = { ...shared, query: { ...wanted, color } };
  const ranking =
    query.profile === "v4"
      ? rankAsV4(inV4Order({ ...input, similarities }))
      : rankGroupedAsV5({ ...input, groups: shelf.groups, estimate: toExactEstimate(similarities) });
  return { gender, ranking, similar: [], searchedRows, totalCandidates };
}

/** V4 knew no excluded ids, so its ranking does not look at them: they leave before it. */
function inV4Order(input: RankInput & Readonly<{ similarities: Float32Array }>): RankInput {
  const rows = toV4Order(input.similarities).filter((row) => !input.excludedPlaces.has(row));
  return {
    ...input,
    candidates: rows.map((row) => input.candidates[row]!),
    similarities: rows.map((row) => input.similarities[row]!),
  };
}

/** V4 turned a gender it did not know into unisex. */
function toQueryGender({ gender, profile }: Query): Answer["gender"] {
  const isKnown = gender !== null && gender !== unknownGender;
  if (isKnown) return { value: gender, confidence: 1 };
  return { value: profile === "v4" ? "unisex" : unknownGender, confidence: 0 };
}
