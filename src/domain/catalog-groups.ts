import { type CandidateColumns, tones } from "./candidate-columns.js";
import { type Hsl, turnsApart } from "./color.js";
import { type Harmony, stretchOfDistance } from "./color-harmony.js";
import { createHarmonyOfTone } from "./score-v5.js";
import { eachBlock, inOneGo, itemsATurn, sortInTurns, type Turns } from "./turns.js";

/** Candidates alike in category, gender and tone: [from, to) of the grouped order. */
export type CatalogGroup = Readonly<{ category: number; gender: number; tone: number; from: number; to: number }>;

/**
 * A catalog's candidates in an order that makes whole stretches of it alike to every query: group after group, and the
 * colored ones of a group by their hue, so that those in one harmony with a query's color lie side by side.
 */
export type CatalogGroups = Readonly<{
  columns: CandidateColumns;
  /** The candidates' places in the grouped order, and there the hue of each. */
  places: Int32Array;
  /** Whether that is the order they are in anyway. */
  isInOrder: boolean;
  hues: Float64Array;
  /** Every hue of a colored candidate once, rising. */
  distinctHues: Float64Array;
  groups: readonly CatalogGroup[];
}>;

/** A part of a group whose members are all in the same harmony with a query's color. */
export type HarmonyRun = Readonly<{ group: CatalogGroup; harmony: Harmony; from: number; to: number }>;

const toneCount = Object.keys(tones).length;

export function toCatalogGroups(columns: CandidateColumns): CatalogGroups {
  return inOneGo(groupInTurns(columns));
}

/** The same for a server that answers others meanwhile. */
export function* groupInTurns(columns: CandidateColumns): Turns<CatalogGroups> {
  const count = columns.hue.length;
  const inOrder = new Int32Array(count);
  yield* eachBlock(count, (from, to) => {
    for (let place = from; place < to; place++) inOrder[place] = place;
  });
  const isInOrder = yield* checkOrder(columns);
  const places = isInOrder ? inOrder : yield* sortInTurns(inOrder, createOrder(columns));
  const hues = new Float64Array(count);
  yield* eachBlock(count, (from, to) => {
    for (let at = from; at < to; at++) hues[at] = columns.hue[places[at]!]!;
  });
  const groups = yield* findGroups(columns, places);
  const distinctHues = yield* findDistinct(columns, places, hues);
  return { columns, places, isInOrder, hues, distinctHues, groups };
}

function* findGroups(columns: CandidateColumns, places: Int32Array): Turns<readonly CatalogGroup[]> {
  const starts: number[] = [];
  let last = Number.NaN;
  yield* eachBlock(places.length, (from, to) => {
    for (let at = from; at < to; at++) {
      const key = keyOf(columns, places[at]!);
      if (key !== last) starts.push(at);
      last = key;
    }
  });
  const { categoryOf, genderOf, tone } = columns;
  return starts.map((from, i) => {
    const first = places[from]!;
    const to = starts[i + 1] ?? places.length;
    return { category: categoryOf[first]!, gender: genderOf[first]!, tone: tone[first]!, from, to };
  });
}

/** Within a group hues rise already, so that most repetitions go before the sorting. */
function* findDistinct({ tone }: CandidateColumns, places: Int32Array, hues: Float64Array): Turns<Float64Array> {
  const found = new Float64Array(hues.length);
  let count = 0;
  const isColored = (at: number) => tone[places[at]!] === tones.colored;
  yield* eachBlock(hues.length, (from, to) => {
    for (let at = from; at < to; at++) {
      const isLikeTheLast = at > 0 && hues[at] === hues[at - 1] && isColored(at - 1);
      if (isColored(at) && !isLikeTheLast) found[count++] = hues[at]!;
    }
  });
  const sorted = yield* sortInTurns(found.subarray(0, count), (one, other) => one - other);
  const distinct = new Float64Array(count);
  let kept = 0;
  yield* eachBlock(count, (from, to) => {
    for (let at = from; at < to; at++) if (at === 0 || sorted[at] !== sorted[at - 1]) distinct[kept++] = sorted[at]!;
  });
  return distinct.slice(0, kept);
}

/** Of candidates in one group the same, and of no others. */
function keyOf({ categoryOf, genderOf, tone, genders }: CandidateColumns, place: number): number {
  const gender = categoryOf[place]! * Math.max(1, genders.length) + genderOf[place]!;
  return gender * toneCount + tone[place]!;
}

/** Whatever is not colored has hue 0. Equal ones keep their order. */
function createOrder(columns: CandidateColumns): (one: number, other: number) => number {
  const { hue } = columns;
  return (one, other) => keyOf(columns, one) - keyOf(columns, other) || hue[one]! - hue[other]! || one - other;
}

/** Whether they are grouped as they are. */
function* checkOrder(columns: CandidateColumns): Turns<boolean> {
  const compare = createOrder(columns);
  for (let place = 1; place < columns.hue.length; place++) {
    if (compare(place - 1, place) > 0) return false;
    if (place % itemsATurn === 0) yield;
  }
  return true;
}

/** How a query's color parts each group, in the grouped order. No run is empty. */
export function createHarmonyRuns(groups: CatalogGroups, own: Hsl): (group: CatalogGroup) => readonly HarmonyRun[] {
  const harmonyOf = createHarmonyOfTone(own);
  const borders = findBorders(groups.distinctHues, own.hue);
  return (group) => {
    const { tone, from, to } = group;
    const runs: HarmonyRun[] = [];
    const add = (start: number, end: number) => {
      if (start < end) runs.push({ group, harmony: harmonyOf(tone, groups.hues[start]!), from: start, to: end });
    };
    let start = from;
    // To a neutral query all are alike.
    if (tone === tones.colored && harmonyOf(tones.colored, own.hue) !== "neutral") {
      for (const border of borders) {
        const end = firstWhere(start, to, (at) => groups.hues[at]! >= border);
        add(start, end);
        start = end;
      }
    }
    add(start, to);
    return runs;
  };
}

/** The hues, of those given in rising order, that begin another stretch of distances from a query's hue. */
function findBorders(hues: Float64Array, own: number): readonly number[] {
  // Around the wheel the distance falls and rises by turns; within a phase its stretches come in one order.
  const mostStretches = 16;
  const stepOf = (at: number) => {
    const gap = hues[at]! - own;
    const phase = gap < 0 ? Number(gap >= -0.5) : 2 + Number(gap > 0.5);
    const stretch = stretchOfDistance(turnsApart(own, hues[at]!));
    return phase * mostStretches + (phase % 2 === 0 ? stretch : mostStretches - 1 - stretch);
  };
  const borders: number[] = [];
  for (let at = 0; at < hues.length; ) {
    const step = stepOf(at);
    at = firstWhere(at + 1, hues.length, (next) => stepOf(next) > step);
    if (at < hues.length) borders.push(hues[at]!);
  }
  return borders;
}

/** The first of [from, to) that passes, where all after one that passes do too; `to` when none does. */
function firstWhere(from: number, to: number, passes: (at: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
