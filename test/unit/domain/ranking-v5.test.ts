import { describe, expect, it } from "vitest";
import { rank } from "../../../src/domain/rank.js";
import { parseRankingRules, standardRules } from "../../../src/domain/ranking-rules.js";
import { toShownScore } from "../../../src/domain/score.js";
import {
  aColor,
  afterFiveShirts,
  aRankInput,
  gray,
  type ItemSketch,
  red,
  teal,
} from "../../support/ranking-builders.js";

function suggest(
  items: readonly ItemSketch[],
  ...rest: [Parameters<typeof aRankInput>[1]?, Parameters<typeof aRankInput>[2]?]
) {
  return rank("v5", aRankInput(items, ...rest));
}

function idsOf(ranking: ReturnType<typeof suggest>) {
  return ranking.suggestions.map(({ candidate }) => candidate.id);
}

describe("a v5 ranking", () => {
  it("shows the best piece of every other place in the outfit", () => {
    const ranking = suggest(
      afterFiveShirts([
        { id: "pants-good", category: "bottomwear_pants", rgb: red },
        { id: "pants-bad", category: "bottomwear_pants", rgb: [200, 200, 30] },
        { id: "shoes", category: "footwear_shoes" },
        { id: "top", category: "upperwear_top", similarity: 0.9 },
        { id: "dress", category: "one-piece_dress", similarity: 0.9 },
      ]),
    );
    expect(idsOf(ranking)).toEqual(["pants-good", "shoes"]);
    expect(ranking.excludedCategories).toEqual(["one-piece_dress", "upperwear_shirt", "upperwear_top"]);
    expect(ranking.fallback).toBeNull();
  });

  it("layers: a jacket completes a shirt, and is boosted (D18)", () => {
    const [jacket] = suggest(afterFiveShirts([{ category: "upperwear_jacket" }])).suggestions;
    expect(jacket?.boosted).toBe(true);
  });

  it("never answers a shoe with shoes (D19)", () => {
    const shoes = ["footwear_sneakers", "footwear_heels", "footwear_flats", "footwear_boots"];
    const items = [...shoes, "bottomwear_jeans"].map((category, i) => ({
      id: category,
      category,
      similarity: 0.5 + i / 100,
    }));
    expect(idsOf(suggest(items, { category: "footwear_shoes" }))).toEqual(["bottomwear_jeans"]);
  });

  it("offers women's pieces to a query of unknown or unisex gender (D02, D05)", () => {
    for (const gender of ["unknown", "unisex", "female"]) {
      expect(idsOf(suggest(afterFiveShirts([{ id: "skirt", gender: "female" }]), { gender }))).toEqual(["skirt"]);
    }
    expect(idsOf(suggest(afterFiveShirts([{ id: "skirt", gender: "female" }]), { gender: "male" }))).not.toContain(
      "skirt",
    );
  });

  it("lets a true harmony beat a neutral (D09)", () => {
    const items = afterFiveShirts([
      { id: "a-gray", rgb: gray },
      { id: "b-red", rgb: red },
    ]);
    expect(idsOf(suggest(items))).toEqual(["b-red"]);
  });

  it("keeps shown scores in [0, 1] and says what the clamp took (D10)", () => {
    const [best] = suggest(afterFiveShirts([{ rgb: red, similarity: 0.999 }])).suggestions;
    expect(toShownScore(best!.parts)).toBe(1);
    expect(best!.parts.clamp).toBeLessThan(0);
  });

  it("orders pieces shown at 1.0 by what the clamp hides", () => {
    const items = afterFiveShirts([
      { id: "a", category: "footwear_shoes", rgb: red, similarity: 0.9 },
      { id: "b", category: "bottomwear_pants", rgb: red, similarity: 0.99 },
    ]);
    expect(suggest(items).suggestions.map(({ candidate, parts }) => [candidate.id, parts.total])).toEqual([
      ["b", 10_000],
      ["a", 10_000],
    ]);
  });

  it("shows as many pieces per category as asked (D12)", () => {
    const items = afterFiveShirts(
      [0.5, 0.6, 0.7, 0.8].map((similarity) => ({ id: `pants-${similarity}`, similarity })),
    );
    expect(idsOf(suggest(items, {}, { itemsPerCategory: 3 }))).toEqual(["pants-0.8", "pants-0.7", "pants-0.6"]);
  });

  it("shows at most as many as asked (D14)", () => {
    const items = afterFiveShirts([{ category: "footwear_shoes" }, { category: "bottomwear_pants" }]);
    expect(suggest(items, {}, { maxTotal: 1 }).suggestions).toHaveLength(1);
  });

  it("applies a threshold to the shown score, and only when the rules have one (D13)", () => {
    const items = afterFiveShirts([{ id: "far", rgb: [200, 200, 30], similarity: 0.1 }]);
    expect(idsOf(suggest(items))).toEqual(["far"]);
    const strict = suggest(items, {}, { rules: { ...standardRules, minScore: 0.5 } });
    expect(strict.suggestions).toEqual([]);
    expect(strict.fallback).toBeNull();
  });

  it("leaves out the query itself, by id and by a near-identical embedding, and does not let it vote (D15, D20)", () => {
    const items = [
      { id: "me", category: "one-piece_dress", similarity: 1 },
      { id: "named", category: "one-piece_dress", similarity: 0.97 },
      ...afterFiveShirts([{ id: "pants" }]),
    ];
    const ranking = suggest(items, {}, { excludedPlaces: new Set([1]) });
    expect(ranking.vote.voters.map(({ candidate }) => candidate.id)).not.toContain("me");
    expect(ranking.queryCategory).toBe("upperwear_shirt");
    expect(idsOf(ranking)).toEqual(["pants"]);
  });

  it("lets one close voter outweigh two distant ones (D20)", () => {
    const near = { id: "near", category: "footwear_shoes", similarity: 0.9 };
    const far = ["x", "y"].map((id) => ({ id, category: "bottomwear_pants", similarity: 0.5 }));
    expect(suggest([near, ...far]).queryCategory).toBe("footwear_shoes");
    expect(rank("v4", aRankInput([near, ...far])).queryCategory).toBe("bottomwear_pants");
  });

  it("takes the caller's word for the category", () => {
    const ranking = suggest(afterFiveShirts([{ id: "pants" }]), { category: "bottomwear_shorts" });
    expect([ranking.queryCategory, ranking.categorySource, ranking.confidence]).toEqual([
      "bottomwear_shorts",
      "caller",
      null,
    ]);
    expect(idsOf(ranking)).toEqual(["shirt-0"]);
  });

  it.each([
    ["category_excluded_all", afterFiveShirts([]), "unknown", 5],
    ["gender_refused_all", [{ category: "bottomwear_pants", gender: "female" }], "male", 0],
    ["no_candidates", [], "unknown", 0],
  ] as const)("names its fallback: %s (D15)", (reason, items, gender, count) => {
    const ranking = suggest(items, { gender });
    expect(ranking.fallback).toBe(reason);
    expect(ranking.suggestions).toHaveLength(count);
  });

  it("scores an unknown color as a clash and says so (D08)", () => {
    const [item] = suggest(afterFiveShirts([{ rgb: null }])).suggestions;
    expect(item!.harmony).toEqual({ harmony: "unknown", score: 0.2, hueDistance: null });
  });

  it("says why in a sentence", () => {
    const items = afterFiveShirts([{ rgb: teal }, { category: "kurta", rgb: gray }]);
    expect(suggest(items).suggestions.map(({ reason }) => reason)).toEqual([
      "the colors face each other on the wheel; bottomwear_pants goes with upperwear_shirt",
      "a neutral color goes with any other",
    ]);
  });

  it("treats the category of an item without one as a place of its own", () => {
    expect(idsOf(suggest(afterFiveShirts([{ id: "odd", category: null }])))).toEqual(["odd"]);
  });

  it("reports the distance of complementary colors", () => {
    const [item] = suggest(afterFiveShirts([{ rgb: teal }]), { color: aColor(red) }).suggestions;
    expect(item!.harmony.harmony).toBe("complementary");
    expect(item!.harmony.hueDistance).toBeCloseTo(0.5, 1);
  });
});

describe("ranking rules", () => {
  it("tells every problem at once", () => {
    const parsed = parseRankingRules({ itemsPerCategory: 0, maxTotal: "26", minScore: 2, colour: 1 });
    expect(parsed).toEqual({
      problems: [
        "rules.colour is not a field of this format.",
        "rules.itemsPerCategory must be a whole number from 1 to 1000: not 0.",
        'rules.maxTotal must be a whole number from 1 to 10000: not "26".',
        "rules.minScore must be null or a number from 0 to 1: not 2.",
      ],
    });
  });

  it("refuses keys that every object inherits", () => {
    const hostile = JSON.parse('{"toString":1,"__proto__":2}');
    expect(parseRankingRules(hostile)).toEqual({
      problems: ["rules.toString is not a field of this format.", "rules.__proto__ is not a field of this format."],
    });
  });

  it("fills what a file leaves out from the standard", () => {
    expect(parseRankingRules({ maxTotal: 5 })).toEqual({ value: { ...standardRules, name: "custom", maxTotal: 5 } });
  });

  it("refuses fewer in all than in one category", () => {
    const parsed = parseRankingRules({ maxTotal: 2, itemsPerCategory: 3 });
    expect(parsed).toEqual({ problems: ["rules.maxTotal must be at least rules.itemsPerCategory."] });
  });

  it.each([null, [], "default", 7])("refuses %j", (value) => {
    expect(parseRankingRules(value)).toHaveProperty("problems");
  });
});
