import { keepBest } from "./keep-best.js";

/** What is known of every candidate's similarity, by its place. */
export type Estimate = Readonly<{
  similarities: Float32Array;
  /** None is further than this from the true one. */
  slack: number;
  /** The highest of every `placesPerPeak` similarities, where somebody has worked them out. */
  peaks: Float32Array | null;
  /** The true ones of some places. */
  exactly: (places: readonly number[]) => ArrayLike<number>;
}>;

export const placesPerPeak = 64;

/** Of similarities that are known already. */
export function toExactEstimate(similarities: Float32Array): Estimate {
  return { similarities, slack: 0, peaks: null, exactly: (places) => places.map((place) => similarities[place]!) };
}

/** A stretch of candidates whose values follow from their similarities alone, and never fall as those rise. */
export type Stretch = Readonly<{
  /** Null: all places in their own order. */
  places: Int32Array | null;
  from: number;
  to: number;
  toValue: (similarity: number) => number;
  /** None of its values is above this. */
  most: number;
}>;

/** What the best are looked for among. */
export type Field = Readonly<{
  estimate: Estimate;
  /** The ones with the highest `most` first. */
  stretches: readonly Stretch[];
  /** How many of the best are wanted. */
  count: number;
  /** Whether a place may count, and of one that may whether it does for certain. */
  isPerhaps: (place: number) => boolean;
  isSurely: (place: number) => boolean;
}>;

/** Every place that may be among the best, ties included; and whether one of them counts for certain. */
export type Contenders = Readonly<{ places: readonly number[]; isSure: boolean }>;

/**
 * From exact similarities in one walk. From others the seemingly best are found first and looked at exactly, so that
 * the second walk knows what there is to reach, and few are within the slack of it; those are looked at exactly, too.
 */
export function findContenders(field: Field): Contenders {
  const { estimate, count, isSurely } = field;
  const { found, leaders } = collect(field, 0, Number.NEGATIVE_INFINITY);
  const isSure = leaders.length > 0;
  if (estimate.slack === 0) return { places: found.map(({ place }) => place), isSure };
  const near = collect(field, estimate.slack, lastOf(toValues(leaders, estimate), count)).found;
  const values = toValues(near, estimate);
  const least = lastOf(
    values.filter((_, at) => isSurely(near[at]!.place)),
    count,
  );
  return { places: near.filter((_, at) => values[at]! >= least).map(({ place }) => place), isSure };
}

function toValues(some: readonly Pick<Leader, "place" | "toValue">[], { exactly }: Estimate): readonly number[] {
  const exact = exactly(some.map(({ place }) => place));
  return some.map(({ toValue }, at) => toValue(exact[at]!));
}

/** The value that the last of the best has; none has to be reached where there are fewer. */
function lastOf(values: readonly number[], count: number): number {
  const best: number[] = [];
  for (const value of values) keepBest(best, value, count, (first, second) => second - first);
  return best[count - 1] ?? Number.NEGATIVE_INFINITY;
}

type Leader = Readonly<{ place: number; value: number; toValue: Stretch["toValue"] }>;
type Found = Readonly<{ place: number; most: number; toValue: Stretch["toValue"] }>;

/** As though no similarity were further than `slack` from the true one; `known` is what the last of the best has at least. */
function collect({ estimate, stretches, count, isPerhaps, isSurely }: Field, slack: number, known: number) {
  const found: Found[] = [];
  const leaders: Leader[] = [];
  let least = known;
  for (const { places, from, to, toValue, most: mostOfStretch } of stretches) {
    if (mostOfStretch < least) break;
    // What a member of this stretch had that was too little: whoever has no more of it needs no further look.
    let refused = Number.NEGATIVE_INFINITY;
    const look = (place: number, similarity: number) => {
      if (!isPerhaps(place)) return refused;
      const most = toValue(similarity + slack);
      if (most < least) {
        refused = similarity;
        return refused;
      }
      found.push({ place, most, toValue });
      if (!isSurely(place)) return refused;
      keepBest(leaders, { place, value: toValue(similarity - slack), toValue }, count, byValue);
      if (leaders.length === count) least = Math.max(least, leaders.at(-1)!.value);
      return refused;
    };
    if (places === null) walkInOrder(from, to, estimate, look);
    else walk(places, from, to, estimate.similarities, look);
  }
  return { found: found.filter(({ most }) => most >= least), leaders };
}

// The loops over everything are functions of their own and of plain arrays: V8 compiles them once, whatever the callers hand
// them, and what they call is called for few.

type Look = (place: number, similarity: number) => number;

/** Looks at whoever has more than `look` gave back last. */
function walkInOrder(from: number, to: number, { similarities, peaks }: Estimate, look: Look): void {
  let refused = Number.NEGATIVE_INFINITY;
  if (peaks === null) {
    walkAll(from, to, similarities, refused, look);
    return;
  }
  for (let start = from; start < to; ) {
    const block = Math.floor(start / placesPerPeak);
    const end = Math.min(to, (block + 1) * placesPerPeak);
    if (peaks[block]! > refused) refused = walkAll(start, end, similarities, refused, look);
    start = end;
  }
}

function walkAll(from: number, to: number, similarities: Float32Array, first: number, look: Look): number {
  let refused = first;
  for (let place = from; place < to; place++) {
    if (similarities[place]! > refused) refused = look(place, similarities[place]!);
  }
  return refused;
}

function walk(places: Int32Array, from: number, to: number, similarities: Float32Array, look: Look): void {
  let refused = Number.NEGATIVE_INFINITY;
  for (let at = from; at < to; at++) {
    const similarity = similarities[places[at]!]!;
    if (similarity > refused) refused = look(places[at]!, similarity);
  }
}

function byValue(first: Leader, second: Leader): number {
  return second.value - first.value;
}
