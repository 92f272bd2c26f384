import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CandidateColumns, pickColumns, pickInTurns, tones } from "../../src/domain/candidate-columns.js";
import { groupInTurns, toCatalogGroups } from "../../src/domain/catalog-groups.js";
import { eachBlock, inOneGo, itemsATurn, sortInTurns, type Turns } from "../../src/domain/turns.js";

const runs = { numRuns: 25 };
const count = fc.oneof(fc.nat(40), fc.integer({ min: 2000, max: 2100 }), fc.integer({ min: 8000, max: 40_000 }));
/** How many values differ: few repeat often, many hardly ever. */
const spread = fc.constantFrom(1, 3, 50, 1_000_000);
const many = fc.record({ count, spread, seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }) });

/** Numbers below `spread` in no order. */
function drawn({ count, spread, seed }: Readonly<Record<"count" | "spread" | "seed", number>>): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % spread;
  });
}

/** What comes of it, how many turns others had, and the most that was done between two. */
function taken<T>(turns: Turns<T>, done: () => number = () => 0) {
  let [yields, most, before] = [0, 0, done()];
  for (let step = turns.next(); ; step = turns.next()) {
    most = Math.max(most, done() - before);
    before = done();
    if (step.done) return { value: step.value, yields, most };
    yields += 1;
  }
}

/** Whatever is not colored has hue 0. */
function columnsOf(shape: Parameters<typeof drawn>[0], isInOrder: boolean): CandidateColumns {
  const values = drawn(shape);
  const kinds = drawn({ ...shape, spread: 18, seed: shape.seed + 1 });
  if (isInOrder) values.sort((one, other) => one - other);
  if (isInOrder) kinds.fill(5);
  const tone = Uint8Array.from(kinds, (kind) => kind % 3);
  return {
    categories: ["a", null, "c"],
    categoryOf: Int32Array.from(kinds, (kind) => Math.floor(kind / 3) % 3),
    genders: ["x", "y"],
    genderOf: Int32Array.from(kinds, (kind) => Math.floor(kind / 9)),
    tone,
    hue: Float64Array.from(values, (value, at) => (tone[at] === tones.colored ? value / shape.spread : 0)),
  };
}

describe("work in turns", () => {
  test("sorts as a whole sort does, stably, and never for long", () => {
    fc.assert(
      fc.property(many, (shape) => {
        const values = drawn(shape);
        const places = Int32Array.from(values, (_, place) => place);
        const expected = Array.from(places).sort((one, other) => values[one]! - values[other]!);
        let compared = 0;
        const compare = (one: number, other: number) => {
          compared += 1;
          return values[one]! - values[other]!;
        };
        const { value, yields, most } = taken(sortInTurns(places, compare), () => compared);
        expect(Array.from(value)).toEqual(expected);
        expect(yields).toBeGreaterThanOrEqual(Math.ceil(shape.count / itemsATurn));
        expect(most).toBeLessThanOrEqual(30_000);
      }),
      runs,
    );
  });

  test("looks at every block once, in order", () => {
    fc.assert(
      fc.property(count, (length) => {
        const seen: number[] = [];
        const look = (from: number, to: number) => {
          for (let at = from; at < to; at++) seen.push(at);
        };
        const { most } = taken(eachBlock(length, look), () => seen.length);
        expect(seen).toEqual(Array.from({ length }, (_, at) => at));
        expect(most).toBeLessThanOrEqual(itemsATurn);
      }),
      runs,
    );
  });

  test("groups a catalog as one sort of the whole does", () => {
    fc.assert(
      fc.property(many, fc.boolean(), (shape, isInOrder) => {
        const columns = columnsOf(shape, isInOrder);
        const { categoryOf, genderOf, tone, hue } = columns;
        const keys = ["categoryOf", "genderOf", "tone", "hue"] as const;
        const compare = (one: number, other: number) =>
          keys.reduce((found, key) => found || columns[key][one]! - columns[key][other]!, 0);
        const order = Array.from(hue, (_, place) => place).sort(compare);
        const { value, yields } = taken(groupInTurns(columns));
        expect(Array.from(value.places)).toEqual(order);
        expect(value.isInOrder).toBe(order.every((place, at) => place === at));
        expect(Array.from(value.hues)).toEqual(order.map((place) => hue[place]));
        const colored = order.filter((place) => tone[place] === tones.colored).map((place) => hue[place]!);
        expect(Array.from(value.distinctHues)).toEqual([...new Set(colored)].sort((one, other) => one - other));
        const kindOf = (place: number) => [categoryOf[place], genderOf[place], tone[place]];
        expect(value.groups.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))).toEqual(
          order.map((_, at) => at),
        );
        for (const { category, gender, tone: own, from, to } of value.groups) {
          const kinds = new Set(order.slice(from, to).map((place) => kindOf(place).join()));
          expect([...kinds]).toEqual([[category, gender, own].join()]);
        }
        expect(new Set(value.groups.map((each) => `${each.category},${each.gender},${each.tone}`)).size).toBe(
          value.groups.length,
        );
        expect(toCatalogGroups(columns)).toEqual(value);
        // Each pass over the catalog has its turns.
        expect(yields).toBeGreaterThanOrEqual(5 * Math.floor(shape.count / itemsATurn));
      }),
      runs,
    );
  });

  test("picks columns as one loop does", () => {
    fc.assert(
      fc.property(many, (shape) => {
        const columns = columnsOf(shape, false);
        const places = drawn({ ...shape, spread: Math.max(1, shape.count) });
        const { value, yields } = taken(pickInTurns(columns, places));
        for (const name of ["categoryOf", "genderOf", "tone", "hue"] as const) {
          expect(Array.from(value[name])).toEqual(places.map((place) => columns[name][place]));
        }
        expect([value.categories, value.genders]).toEqual([columns.categories, columns.genders]);
        expect(yields).toBe(Math.ceil(shape.count / itemsATurn));
        expect(pickColumns(columns, places)).toEqual(value);
      }),
      runs,
    );
  });

  test("in one go comes to the same end, and passes on what it throws", () => {
    const breaking = function* (): Turns<never> {
      yield;
      throw new RangeError("broken");
    };
    expect(() => inOneGo(breaking())).toThrow(new RangeError("broken"));
    expect(inOneGo(sortInTurns(Int32Array.of(), () => 0))).toEqual(Int32Array.of());
  });
});
