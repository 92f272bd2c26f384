import type { Candidate } from "./candidate.js";
import { isNeutral } from "./color.js";
import { eachBlock, inOneGo, type Turns } from "./turns.js";

/** What is known of a candidate's color: nothing, that its hue does not matter, or its hue. */
export const tones = { unknown: 0, neutral: 1, colored: 2 } as const;

/**
 * What a ranking asks of every candidate, as numbers in the order of the candidates: a catalog is walked several times
 * faster than by its objects, because neighbors lie side by side in memory.
 */
export type CandidateColumns = Readonly<{
  /** The place of each candidate's category in `categories`. */
  categoryOf: Int32Array;
  categories: readonly (string | null)[];
  /** The place of each candidate's gender in `genders`. */
  genderOf: Int32Array;
  genders: readonly (string | null)[];
  /** One of `tones`. */
  tone: Uint8Array;
  /** In turns; 0 where the tone is not `colored`. */
  hue: Float64Array;
}>;

export function toColumns(candidates: readonly Candidate[]): CandidateColumns {
  const columns = createColumns(candidates.length);
  for (const candidate of candidates) columns.add(candidate);
  return columns.done();
}

/** Columns of so many candidates that come one after the other. */
export function createColumns(count: number): Readonly<{
  add: (candidate: Pick<Candidate, "category" | "gender" | "color">) => void;
  done: () => CandidateColumns;
}> {
  const categories = new Map<string | null, number>();
  const genders = new Map<string | null, number>();
  const columns = {
    categoryOf: new Int32Array(count),
    genderOf: new Int32Array(count),
    tone: new Uint8Array(count),
    hue: new Float64Array(count),
  };
  let place = 0;
  return {
    add: ({ category, gender, color }) => {
      if (place === count) throw new RangeError(`there are more candidates than ${count}`);
      columns.categoryOf[place] = placeOf(categories, category);
      columns.genderOf[place] = placeOf(genders, gender);
      if (color !== null) {
        const isGray = isNeutral(color.hsl);
        columns.tone[place] = isGray ? tones.neutral : tones.colored;
        if (!isGray) columns.hue[place] = color.hsl.hue;
      }
      place += 1;
    },
    done: () => ({ ...columns, categories: [...categories.keys()], genders: [...genders.keys()] }),
  };
}

/** In the order of their first appearance. */
function placeOf(known: Map<string | null, number>, name: string | null): number {
  const place = known.get(name) ?? known.size;
  if (place === known.size) known.set(name, place);
  return place;
}

/** The columns of some candidates, by their places; the names keep theirs. */
export function pickColumns(columns: CandidateColumns, places: ArrayLike<number>): CandidateColumns {
  return inOneGo(pickInTurns(columns, places));
}

/** The same for a server that answers others meanwhile. */
export function* pickInTurns(columns: CandidateColumns, places: ArrayLike<number>): Turns<CandidateColumns> {
  const { categories, genders } = columns;
  const count = places.length;
  const picked = {
    categoryOf: new Int32Array(count),
    genderOf: new Int32Array(count),
    tone: new Uint8Array(count),
    hue: new Float64Array(count),
  };
  yield* eachBlock(count, (from, to) => {
    for (const name of ["categoryOf", "genderOf", "tone", "hue"] as const) {
      pick(columns[name], places, picked[name], from, to);
    }
  });
  return { categories, genders, ...picked };
}

/** A plain loop, the fastest there is. */
function pick(
  source: ArrayLike<number>,
  places: ArrayLike<number>,
  target: Int32Array | Uint8Array | Float64Array,
  from: number,
  to: number,
): void {
  for (let at = from; at < to; at++) target[at] = source[places[at]!]!;
}

/** By a category's place, which of the outfit's slots it fills; an empty name is none. */
export function toSlots(categories: CandidateColumns["categories"]): readonly number[] {
  return categories.map((name) => categories.findIndex((other) => (other ?? "") === (name ?? "")));
}
