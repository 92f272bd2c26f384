import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRankCase } from "../../src/cli/rank-case.js";
import { voteBySimilarity, voteEqually } from "../../src/domain/category-votes.js";
import { hueDistance, toHsl } from "../../src/domain/color.js";
import { harmonyOf } from "../../src/domain/color-harmony.js";
import { v5Boosts, v5Excludes } from "../../src/domain/compatibility.js";
import { v5Admits } from "../../src/domain/gender.js";
import type { Rgb } from "../../src/domain/image.js";
import { profiles } from "../../src/domain/profile.js";
import { rank } from "../../src/domain/rank.js";
import { parseRankingRules, standardRules } from "../../src/domain/ranking-rules.js";
import { toPoints } from "../../src/domain/rounding.js";
import { aCandidate, aColor, aRankInput } from "../support/ranking-builders.js";

const runs = { numRuns: 300 };
const channel = fc.integer({ min: 0, max: 255 });
const rgb: fc.Arbitrary<Rgb> = fc.tuple(channel, channel, channel);
const category = fc.constantFrom(
  "upperwear_shirt",
  "upperwear_tshirt",
  "upperwear_jacket",
  "outerwear_coat",
  "bottomwear_pants",
  "bottomwear_jeans",
  "bottomwear_skirt",
  "one-piece_dress",
  "one-piece_jumpsuit",
  "footwear_shoes",
  "footwear_heels",
  "footwear_boots",
  "accessories_bag",
  "accessories_hat",
  "accessories_watch",
  "shirt",
  "Dress",
  "bag",
  "kurta",
  "constructor",
  "__proto__",
  "",
);
const gender = fc.constantFrom("male", "female", "unisex", "unknown", "kids", "toString");
const item = fc.record({
  category: fc.option(category),
  gender: fc.option(gender),
  rgb: fc.option(rgb),
  similarity: fc.double({ min: -1, max: 1, noNaN: true }),
});
const items = fc.array(item, { maxLength: 40 });
const query = fc.record({ color: rgb.map(aColor), gender, category: fc.option(category) });

describe("color harmony", () => {
  it("is symmetric", () => {
    fc.assert(
      fc.property(rgb, rgb, (a, b) => harmonyOf(toHsl(a), toHsl(b)) === harmonyOf(toHsl(b), toHsl(a))),
      runs,
    );
  });

  it("depends on the distance of the hues alone: turning the wheel changes nothing", () => {
    const turn = fc.integer({ min: 0, max: 1023 }).map((n) => n / 1024);
    fc.assert(
      fc.property(turn, turn, turn, (a, b, by) => {
        const color = (hue: number) => ({ hue: hue % 1, saturation: 0.8, lightness: 0.5 });
        expect(hueDistance(color(a + by), color(b + by))).toBe(hueDistance(color(a), color(b)));
        expect(harmonyOf(color(a + by), color(b + by))).toBe(harmonyOf(color(a), color(b)));
      }),
      runs,
    );
  });

  it("keeps hue in [0, 1), saturation and lightness in [0, 1]", () => {
    fc.assert(
      fc.property(rgb, (color) => {
        const { hue, saturation, lightness } = toHsl(color);
        expect(hue).toBeGreaterThanOrEqual(0);
        expect(hue).toBeLessThan(1);
        // CPython 3.10's own operations pass 1 by up to 7.2e-15 for full saturations near white, as (244, 244, 255).
        for (const share of [saturation, lightness]) expect(share >= 0 && share <= 1 + 1e-14).toBe(true);
      }),
      runs,
    );
  });
});

describe("v5 tables", () => {
  it("exclude and boost alike in both directions, and never both at once", () => {
    fc.assert(
      fc.property(category, category, (a, b) => {
        expect(v5Excludes(a, b)).toBe(v5Excludes(b, a));
        expect(v5Boosts(a, b)).toBe(v5Boosts(b, a));
        expect(v5Excludes(a, b) && v5Boosts(a, b)).toBe(false);
        expect(v5Excludes(a, a)).toBe(true);
      }),
      runs,
    );
  });

  it("admit the item of a gender to the query of that gender", () => {
    fc.assert(
      fc.property(gender, gender, (a, b) => v5Admits(a, b) === v5Admits(b, a) && v5Admits(a, a)),
      runs,
    );
  });
});

describe("votes", () => {
  const near = fc
    .array(item, { maxLength: 8 })
    .map((sketches) =>
      sketches.map((sketch, row) => ({ candidate: aCandidate(sketch, row), similarity: sketch.similarity })),
    );

  it("have shares that sum to one over the voters that have a category", () => {
    fc.assert(
      fc.property(near, (voters) => {
        for (const vote of [voteEqually(voters), voteBySimilarity(voters, 0.07)]) {
          const total = vote.tally.reduce((sum, { share }) => sum + share, 0);
          expect(total).toBeCloseTo(vote.winner === null ? 0 : 1, 9);
          expect(vote.winner === null).toBe(voters.every(({ candidate }) => !candidate.category));
        }
      }),
      runs,
    );
  });
});

describe("a ranking", () => {
  it("never throws, counts ranks from one, and its score parts sum exactly", () => {
    fc.assert(
      fc.property(items, query, fc.constantFrom(...profiles), (sketches, asked, profile) => {
        const { suggestions } = rank(profile, aRankInput(sketches, asked));
        suggestions.forEach(({ parts, rank: place }, i) => {
          const { total, ...others } = parts;
          expect(place).toBe(i + 1);
          expect(Object.values(others).reduce((sum, part) => sum + part, 0)).toBe(total);
          expect(Object.values(parts).every(Number.isInteger)).toBe(true);
        });
      }),
      runs,
    );
  });

  it("gives a prefix of limit n+1 for limit n", () => {
    fc.assert(
      fc.property(
        items,
        query,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(...profiles),
        (sketches, asked, n, profile) => {
          const [few, more] = [n, n + 1].map(
            (maxTotal) => rank(profile, aRankInput(sketches, asked, { maxTotal })).suggestions,
          );
          expect(more!.slice(0, n)).toEqual(few);
        },
      ),
      runs,
    );
  });

  it("in v5 is unmoved by re-ordering the catalog", () => {
    const shuffled = items.chain((list) => {
      const named = list.map((sketch, i) => ({ ...sketch, id: `id-${i}` }));
      return fc.tuple(fc.constant(named), fc.shuffledSubarray(named, { minLength: named.length }));
    });
    fc.assert(
      fc.property(shuffled, query, ([list, reordered], asked) => {
        const idsOf = (sketches: typeof list) =>
          rank("v5", aRankInput(sketches, asked)).suggestions.map(({ candidate, parts }) => [
            candidate.id,
            parts.total,
          ]);
        expect(idsOf(reordered)).toEqual(idsOf(list));
      }),
      runs,
    );
  });

  it("in v5 never lowers a total when the similarity rises", () => {
    const similarity = fc.double({ min: -1, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(item, query, similarity, similarity, (sketch, asked, one, other) => {
        const totalAt = (value: number) =>
          rank("v5", aRankInput([{ ...sketch, similarity: value }], { ...asked, category: "kurta" })).suggestions[0]
            ?.parts.total ?? 0;
        expect(totalAt(Math.max(one, other))).toBeGreaterThanOrEqual(totalAt(Math.min(one, other)));
      }),
      runs,
    );
  });

  it("in v5 shows scores in [0, 1] and at most one piece a category", () => {
    fc.assert(
      fc.property(items, query, (sketches, asked) => {
        const { suggestions, fallback } = rank("v5", aRankInput(sketches, asked));
        for (const { parts } of suggestions) expect(parts.total >= 0 && parts.total <= 10_000).toBe(true);
        const categories = suggestions.map(({ candidate }) => candidate.category ?? "");
        if (fallback === null) expect(new Set(categories).size).toBe(categories.length);
      }),
      runs,
    );
  });
});

describe("parsers", () => {
  it("never throw, whatever they are given", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        parseRankingRules(value);
        parseRankCase(value, standardRules);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("rounding to ten-thousandths", () => {
  it("agrees with exact arithmetic, halves to even", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ min: -2, max: 2, noNaN: true }),
          fc.integer({ min: -64, max: 64 }).map((n) => n / 32),
          // As near to a half as doubles come.
          fc.integer({ min: -120_000, max: 120_000 }).map((n) => (n + 0.5) / 10_000),
        ),
        (value) => {
          expect(toPoints(value)).toBe(roundExactly(value));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/** The oracle: the double as a fraction of big integers, rounded half to even. */
function roundExactly(value: number): number {
  const scale = 1n << 1074n;
  const exact = toFixedPoint(value) * 10_000n;
  const below = exact >= 0n ? exact / scale : -((-exact + scale - 1n) / scale);
  const rest = (exact - below * scale) * 2n;
  const up = rest > scale || (rest === scale && below % 2n !== 0n);
  return Number(up ? below + 1n : below);
}

function toFixedPoint(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = (word >> 52n) & 0x7ffn;
  const fraction = (word & 0xfffffffffffffn) | (exponent === 0n ? 0n : 1n << 52n);
  const magnitude = fraction << (exponent === 0n ? 0n : exponent - 1n);
  return word >> 63n === 0n ? magnitude : -magnitude;
}
