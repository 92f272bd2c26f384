import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toColumns } from "../../src/domain/candidate-columns.js";
import { createHarmonyRuns, toCatalogGroups } from "../../src/domain/catalog-groups.js";
import { harmonyWith } from "../../src/domain/color-harmony.js";
import { placesPerPeak } from "../../src/domain/contenders.js";
import { rankGroupedAsV5 } from "../../src/domain/grouped-ranking.js";
import type { Rgb } from "../../src/domain/image.js";
import type { RankInput } from "../../src/domain/ranking.js";
import { namedRules, standardRules } from "../../src/domain/ranking-rules.js";
import { rankAsV5 } from "../../src/domain/ranking-v5.js";
import { aColor, aRankInput, gray, red } from "../support/ranking-builders.js";

const runs = { numRuns: 400 };
const channel = fc.integer({ min: 0, max: 255 });
const anyRgb: fc.Arbitrary<Rgb> = fc.tuple(channel, channel, channel);
// Few hues, so that many items share one or lie on a border; and all others.
const pureRgb = fc.constantFrom<Rgb>([255, 0, 0], [0, 255, 255], [255, 128, 0], [0, 0, 255], [128, 0, 255], [9, 9, 9]);
const rgb = fc.oneof(pureRgb, anyRgb);
const category = fc.constantFrom(
  ...["upperwear_shirt", "upperwear_jacket", "bottomwear_pants", "bottomwear_skirt", "one-piece_dress"],
  ...["footwear_shoes", "footwear_boots", "accessories_bag", "accessories_hat", "kurta", "__proto__", ""],
);
const gender = fc.constantFrom("male", "female", "unisex", "unknown", "kids");
/** As an index gives them: floats. Coarse ones tie, and some are the query itself. */
const similarity = fc
  .oneof(
    fc.integer({ min: -4, max: 20 }).map((n) => n / 20),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: 0.9995, max: 1, noNaN: true }),
  )
  .map(Math.fround);
const item = fc.record({
  id: fc
    .option(fc.constantFrom("a", "b", "c"), { freq: 4, nil: undefined })
    .map((id) => (id === undefined ? {} : { id })),
  sketch: fc.record({ category: fc.option(category), gender: fc.option(gender), rgb: fc.option(rgb), similarity }),
});
const toSketches = (length: fc.ArrayConstraints) =>
  fc.array(item, length).map((list) => list.map(({ id, sketch }) => ({ ...sketch, ...id })));
const items = toSketches({ maxLength: 200 });
/** Two slots and similarities so close that scores tie, differ by a rounding or by what a boost adds. */
const closeItems = fc.array(
  fc.record({
    category: fc.constantFrom("upperwear_shirt", "bottomwear_pants", "footwear_shoes"),
    gender: fc.constantFrom("female", "unisex"),
    rgb: pureRgb,
    similarity: fc.integer({ min: 0, max: 9 }).map((n) => Math.fround(0.5 + n / 9000)),
    id: fc.nat(30).map(String),
  }),
  { maxLength: 200 },
);
const query = fc.record({ color: rgb.map(aColor), gender, category: fc.option(category, { freq: 2 }) });
const rules = fc.oneof(
  fc.constantFrom(standardRules, ...Object.values(namedRules)),
  fc
    .record({
      // Some of the close items are below it, and some not.
      sameItemSimilarity: fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0.5001, 0.5002, 0.5005)),
      compatibleBoost: fc.double({ min: 1, max: 10, noNaN: true }),
      voters: fc.integer({ min: 1, max: 12 }),
    })
    .map((some) => ({ ...standardRules, ...some })),
);
const toInput = (sketches: typeof items | typeof closeItems): fc.Arbitrary<RankInput> =>
  fc
    .tuple(sketches, query, rules, fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(150), { maxLength: 30 }))
    .map(([some, asked, given, itemsPerCategory, excluded]) =>
      aRankInput(some, asked, { rules: given, itemsPerCategory, excludedPlaces: new Set(excluded) }),
    );
const input = fc.oneof(toInput(items), toInput(closeItems));
/** Of more candidates than one peak is for. */
const largeInput = toInput(toSketches({ minLength: 130, maxLength: 200 }));

function toPeaks(similarities: Float32Array): Float32Array {
  const count = Math.ceil(similarities.length / placesPerPeak);
  const blockOf = (at: number) => similarities.subarray(at * placesPerPeak, (at + 1) * placesPerPeak);
  return Float32Array.from({ length: count }, (_, at) => Math.max(...blockOf(at)));
}

/** The candidates, and what belongs to them, in the order of their groups. */
function inGroupedOrder(input: RankInput): RankInput {
  const { places } = toCatalogGroups(toColumns(input.candidates));
  const excluded = [...places].flatMap((place, at) => (input.excludedPlaces.has(place) ? [at] : []));
  return {
    ...input,
    candidates: Array.from(places, (place) => input.candidates[place]!),
    similarities: Array.from(places, (place) => input.similarities[place]!),
    excludedPlaces: new Set(excluded),
  };
}

function rankGrouped({ similarities: given, ...rest }: RankInput, slack = 0, noise: readonly number[] = []) {
  const groups = toCatalogGroups(toColumns(rest.candidates));
  // What is left of the slack covers the rounding to floats.
  const similarities = Float32Array.from(given, (each, i) => each + 0.99 * slack * (noise[i % noise.length] ?? 0));
  // With peaks where there are enough candidates for more than one.
  const peaks = given.length < placesPerPeak ? null : toPeaks(similarities);
  const exactly = (places: readonly number[]) => places.map((place) => given[place]!);
  return rankGroupedAsV5({ ...rest, groups, estimate: { similarities, slack, peaks, exactly } });
}

describe("the grouped ranking", () => {
  test("gives the whole answer of the exhaustive one", () => {
    fc.assert(
      fc.property(input, (given) => {
        expect(rankGrouped(given)).toEqual(rankAsV5(given));
      }),
      { numRuns: 3000 },
    );
  });

  test("gives it from similarities that are known only within a slack", () => {
    const noise = fc.array(fc.constantFrom(-1, -0.5, 0, 0.5, 1), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(input, fc.constantFrom(0.0001, 0.001, 0.01, 0.5), noise, (given, slack, some) => {
        expect(rankGrouped(given, slack, some)).toEqual(rankAsV5(given));
      }),
      { numRuns: 2000 },
    );
  });

  test("gives it of a catalog that is in the groups' order already", () => {
    const noise = fc.array(fc.constantFrom(-1, 0, 1), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(largeInput, fc.constantFrom(0, 0.001), noise, (unordered, slack, some) => {
        const given = inGroupedOrder(unordered);
        expect(rankGrouped(given, slack, some)).toEqual(rankAsV5(given));
      }),
      { numRuns: 500 },
    );
  });

  test("counts on nobody who may turn out to be the query itself", () => {
    const shirt = { category: "upperwear_shirt", similarity: 0.5 };
    const itself = { category: "bottomwear_pants", similarity: 1 };
    // The last shirt votes no more and is the best to fall back to.
    const shirts = Array.from({ length: 7 }, (_, i) => ({
      ...shirt,
      similarity: 0.5 - i / 100,
      rgb: i < 6 ? gray : red,
    }));
    const alone = aRankInput([...shirts, itself]);
    expect(rankGrouped(alone, 0.001, [-1])).toEqual(rankAsV5(alone));
    expect(rankAsV5(alone).fallback).toBe("category_excluded_all");
    const beside = aRankInput([shirt, itself, { ...itself, similarity: 0.25 }]);
    expect(rankGrouped(beside, 0.001, [-1])).toEqual(rankAsV5(beside));
    expect(rankAsV5(beside).suggestions).toHaveLength(1);
  });

  test("of an excluded catalog is the empty answer of the exhaustive one", () => {
    const given = aRankInput([{}, {}], {}, { excludedPlaces: new Set([0, 1]) });
    expect(rankGrouped(given)).toEqual(rankAsV5(given));
    expect(rankGrouped(given).fallback).toBe("no_candidates");
  });
});

describe("the groups of a catalog", () => {
  test("hold every candidate once, and their runs are in one harmony with the query", () => {
    fc.assert(
      fc.property(items, rgb.map(aColor), (sketches, own) => {
        const { candidates } = aRankInput(sketches);
        const groups = toCatalogGroups(toColumns(candidates));
        expect([...groups.places].sort((one, other) => one - other)).toEqual(candidates.map((_, place) => place));
        const runsOf = createHarmonyRuns(groups, own.hsl);
        const covered = groups.groups.flatMap((group) => runsOf(group)).map(({ from, to }) => [from, to]);
        expect(covered.flat().slice(1, -1)).toEqual(covered.slice(1).flatMap(([from]) => [from, from]));
        for (const { group, harmony, from, to } of groups.groups.flatMap((group) => runsOf(group))) {
          for (const place of groups.places.subarray(from, to)) {
            const candidate = candidates[place]!;
            expect(harmonyWith(own.hsl, candidate.color?.hsl ?? null)).toBe(harmony);
            expect(candidate.category).toBe(groups.columns.categories[group.category]);
            expect(candidate.gender).toBe(groups.columns.genders[group.gender]);
          }
        }
      }),
      runs,
    );
  });
});
