import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hueDistance, isNeutral, toHsl } from "../../src/domain/color.js";
import { harmonyOf, v4HarmonyScores } from "../../src/domain/color-harmony.js";
import { v4Boosts, v4Excludes } from "../../src/domain/compatibility.js";
import { v4Admits, v4GenderOfCategory } from "../../src/domain/gender.js";
import type { Rgb } from "../../src/domain/image.js";
import { namedRules } from "../../src/domain/ranking-rules.js";

/** Made by V4's own functions; see "about" in each file. */
function readGolden(name: string) {
  return JSON.parse(readFileSync(new URL(`./data/${name}.json`, import.meta.url), "utf8"));
}

describe("v4 color harmony, to the bit", () => {
  const { rows, columns } = readGolden("harmony");
  const cases = rows.map((row: readonly unknown[]) =>
    Object.fromEntries(columns.map((name: string, i: number) => [name, row[i]])),
  );

  it("has 1,200 pairs to prove it on", () => expect(cases).toHaveLength(1200));

  it("computes every hue, saturation, lightness, neutral flag and score as CPython 3.10 does", () => {
    for (const row of cases) {
      const first: Rgb = [row.r1, row.g1, row.b1];
      const second: Rgb = [row.r2, row.g2, row.b2];
      const [one, other] = [toHsl(first), toHsl(second)];
      const ours = [one.hue, one.saturation, one.lightness, other.hue, other.saturation, other.lightness];
      expect(ours, `${first} and ${second}`).toEqual([row.h1, row.s1, row.l1, row.h2, row.s2, row.l2]);
      expect([isNeutral(one), isNeutral(other)]).toEqual([row.neutral1, row.neutral2]);
      expect(v4HarmonyScores[harmonyOf(one, other)], `${first} and ${second}, ${hueDistance(one, other)}`).toBe(
        row.score,
      );
    }
  });
});

describe("v4 category tables", () => {
  const tables = readGolden("category_tables");

  it("excludes and boosts every probed ordered pair as V4 did", () => {
    expect(tables.probed.length).toBe(21);
    for (const voted of tables.probed) {
      for (const candidate of tables.probed) {
        const excluded = (tables.exclusion[voted] ?? [voted]).includes(candidate);
        const boosted = (tables.compatible[voted] ?? []).includes(candidate);
        expect(v4Excludes(voted, candidate), `${voted} excludes ${candidate}`).toBe(excluded);
        expect(v4Boosts(voted, candidate), `${voted} boosts ${candidate}`).toBe(boosted);
      }
    }
  });
});

describe("v4 gender", () => {
  const golden = readGolden("gender");

  it.each(golden.rows as [string | null, string, number][])("calls %s %s", (category, gender) => {
    expect(v4GenderOfCategory(category)).toBe(gender);
  });

  it("admits as V4's endpoint did", () => {
    for (const [query, admitted] of Object.entries<string[]>(golden.endpoint_compatible)) {
      for (const item of ["male", "female", "unisex", "unknown", "kids", "Male", ""]) {
        expect(v4Admits(query, item), `${query} admits ${item}`).toBe(admitted.includes(item));
      }
    }
  });
});

describe("V4's five sets of numbers", () => {
  it("keep V4's names and values", () => {
    for (const [name, golden] of Object.entries<Record<string, unknown>>(readGolden("search_k").profiles)) {
      const rules = namedRules[name]!;
      expect([rules.itemsPerCategory, rules.maxTotal, rules.minScore]).toEqual([
        golden.items_per_category,
        golden.max_total_recommendations,
        golden.min_similarity_threshold,
      ]);
    }
  });
});
