import type { Candidate, Candidates, KnownColor } from "./candidate.js";
import { type CandidateColumns, createColumns, pickInTurns, toColumns } from "./candidate-columns.js";
import type { Catalog, CatalogItem } from "./catalog.js";
import { toCandidate } from "./catalog-candidates.js";
import { type CatalogGroups, groupInTurns, toCatalogGroups } from "./catalog-groups.js";
import type { Estimate } from "./contenders.js";
import { ServiceError } from "./errors.js";
import { unknownGender } from "./gender.js";
import { rankGroupedAsV5 } from "./grouped-ranking.js";
import type { Query } from "./query.js";
import type { RankInput, Ranking } from "./ranking.js";
import type { RankingRules } from "./ranking-rules.js";
import { rankAsV4 } from "./ranking-v4.js";
import { findSimilar, type SimilarItem } from "./similar-items.js";
import { toV4Order } from "./similarity-order.js";
import { inOneGo, type Turns } from "./turns.js";
import type { VoteCalibration } from "./vote-confidence.js";

/** Every item as a profile ranks it. A place is where a candidate is among them; the index knows similarities by it, too. */
export type Stock = Readonly<{ candidates: Candidates; groups: CatalogGroups }>;

/** A catalog ready to be ranked: its candidates are worked out once, not per request. */
export type Shelf = Pick<Catalog, "items" | "rowOf"> &
  Readonly<{
    v5: Stock;
    /** In row order; null where only `v5` can be answered. The groups are worked out when they are first asked for. */
    v4: Readonly<{ candidates: readonly Candidate[]; toStock: () => Stock }> | null;
    placeOf: (row: number) => number;
    rules: RankingRules;
    calibration: VoteCalibration;
  }>;

type Words = Pick<Shelf, "rules" | "calibration">;

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

/** What is known of every similarity, and the color the query goes by; null when it has none. */
export type Sight = Readonly<{ color: KnownColor | null; estimate: Estimate }>;

/** Of a catalog that is too large to have every item at hand: what ranking asks of each is in the columns, in row order. */
export function toLargeShelf(catalog: Pick<Catalog, "items" | "rowOf">, order: RowOrder, words: Words): Shelf {
  return inOneGo(shelveLarge(catalog, order, words));
}

type RowOrder = Readonly<Record<"rowOfPlace" | "placeOfRow", Int32Array> & { columns: CandidateColumns }>;

/** The same for a server that answers others meanwhile. */
export function* shelveLarge(
  { items, rowOf }: Pick<Catalog, "items" | "rowOf">,
  { columns, rowOfPlace, placeOfRow }: RowOrder,
  words: Words,
): Turns<Shelf> {
  const groups = yield* groupInTurns(yield* pickInTurns(columns, rowOfPlace));
  if (!groups.isInOrder) throw new RangeError("the index does not have the items in the order of their groups");
  const at = (place: number) => {
    const row = rowOfPlace[place];
    return row === undefined ? undefined : toCandidate(items.at(row)!, "v5");
  };
  const v5 = { candidates: { length: items.length, at }, groups };
  return { ...{ items, rowOf, ...words, v5 }, v4: null, placeOf: (row) => placeOfRow[row]! };
}

/** A millisecond's worth or two. */
const itemsAStep = 2048;

/** Of items that are all at hand, each place being a row. */
export function toShelf(catalog: Pick<Catalog, "items" | "rowOf">, words: Words): Shelf {
  return inOneGo(shelve(catalog, words));
}

/** The same for a server that answers others meanwhile. */
export function* shelve({ items, rowOf }: Pick<Catalog, "items" | "rowOf">, words: Words): Turns<Shelf> {
  const [v5, v4]: [Candidate[], Candidate[]] = [[], []];
  const columns = createColumns(items.length);
  for (const item of items) {
    const candidate = toCandidate(item, "v5");
    v5.push(candidate);
    columns.add(candidate);
    v4.push(toCandidate(item, "v4"));
    if (v5.length % itemsAStep === 0) yield;
  }
  yield;
  const stock = { candidates: v5, groups: yield* groupInTurns(columns.done()) };
  return { ...{ items, rowOf, ...words }, v5: stock, v4: toLazyStock(v4), placeOf: (row) => row };
}

function toLazyStock(candidates: readonly Candidate[]): NonNullable<Shelf["v4"]> {
  let stock: Stock | null = null;
  return {
    candidates,
    toStock: () => {
      stock ??= toStock(candidates);
      return stock;
    },
  };
}

function toStock(candidates: readonly Candidate[]): Stock {
  return { candidates, groups: toCatalogGroups(toColumns(candidates)) };
}

/** Pure. @throws ServiceError `option_invalid` when an outfit is asked for and the query has no color, or the profile is not served */
export function toAnswer(shelf: Shelf, query: Query, { color, estimate }: Sight): Answer {
  const { items, rowOf, rules, calibration } = shelf;
  const v4 = query.profile === "v4" ? requireV4(shelf) : null;
  const gender = toQueryGender(query);
  const excludeIds = query.source.kind === "item" ? [...query.excludeIds, query.source.id] : query.excludeIds;
  const excludedRows = excludeIds.flatMap((id) => rowOf(id) ?? []);
  const excludedPlaces = new Set(excludedRows.map(v4 === null ? shelf.placeOf : (row) => row));
  const count = Math.min(query.topK ?? rules.maxTotal, rules.maxTotal);
  const searchedRows = estimate.similarities.length;
  const totalCandidates = searchedRows - excludedPlaces.size;
  const wanted = { gender: gender.value, category: query.category };
  if (query.mode === "similar") {
    const stock = v4 === null ? shelf.v5 : v4.toStock();
    const similar = findSimilar({ ...wanted, ...stock, estimate, excludedPlaces, count });
    const shown = similar.map((each) => ({ ...each, item: items.at(each.candidate.row)! }));
    return { gender, ranking: null, similar: shown, searchedRows, totalCandidates };
  }
  if (color === null) {
    throw new ServiceError("option_invalid", { option: "color_rgb", reason: "an outfit needs a color" });
  }
  const itemsPerCategory = query.itemsPerCategory ?? rules.itemsPerCategory;
  const shared = { excludedPlaces, rules, maxTotal: count, itemsPerCategory, calibration };
  const input = { ...shared, query: { ...wanted, color } };
  const ranking =
    v4 === null
      ? rankGroupedAsV5({ ...input, ...shelf.v5, estimate })
      : rankAsV4(inV4Order({ ...input, candidates: v4.candidates, similarities: estimate.similarities }));
  return { gender, ranking, similar: [], searchedRows, totalCandidates };
}

function requireV4({ v4 }: Shelf): NonNullable<Shelf["v4"]> {
  if (v4 !== null) return v4;
  const reason = "v4 compares every item, and this catalog is too large for that; it is answered by v5";
  throw new ServiceError("option_invalid", { option: "profile", reason });
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
