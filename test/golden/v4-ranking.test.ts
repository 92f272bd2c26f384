import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseRankCase } from "../../src/cli/rank-case.js";
import { toItemId } from "../../src/domain/candidate.js";
import { rank } from "../../src/domain/rank.js";
import type { Ranking } from "../../src/domain/ranking.js";
import { namedRules } from "../../src/domain/ranking-rules.js";
import { toShownScore } from "../../src/domain/score.js";
import { type OutfitCase, toRankLine } from "../support/outfit-golden.js";

/** Made by V4's own functions; see "about" in each file. */
function readCases(
  name: string,
): readonly Readonly<{ line: unknown; golden: OutfitCase; categories: readonly (string | null)[] }>[] {
  const file = JSON.parse(readFileSync(new URL(`./data/${name}.json`, import.meta.url), "utf8"));
  return file.cases.map((golden: OutfitCase) => ({
    golden,
    line: toRankLine(golden, file),
    categories: file.categories,
  }));
}

function rankLine(line: unknown): Ranking {
  const parsed = parseRankCase(line, namedRules.default!);
  if ("problems" in parsed) throw new Error(parsed.problems.join("; "));
  return rank(parsed.value.profile, parsed.value.input);
}

describe("v4 ranks as StyGig V4 did", () => {
  const cases = readCases("outfit");
  it("has 250 cases to prove it on", () => expect(cases).toHaveLength(250));

  it.each(cases.map((each, i) => [i, each.golden.class, each] as const))(
    "case %i, %s",
    (_i, _class, { line, golden, categories }) => {
      const ranking = rankLine(line);
      expect(ranking.queryCategory).toBe(golden.v4.vote);
      expect(ranking.fallback !== null).toBe(golden.v4.fallback);
      const rows = ranking.suggestions.map((each) => [
        toItemId(each.candidate),
        each.candidate.category,
        toShownScore(each.parts),
        each.similarity,
        each.harmony.score,
        each.genderScore,
        each.rank,
      ]);
      const expected = golden.v4.recommendations!.map(([id, category, ...rest]) => [
        id,
        categories[category as number],
        ...rest,
      ]);
      expect(rows).toEqual(expected);
      expect(ranking.suggestions[0]?.reason ?? null).toBe(golden.v4.first_reason ?? null);
    },
  );
});

describe("v4 where V4 falls back or crashes", () => {
  const cases = readCases("outfit_v4_defects").filter(({ golden }) => golden.v4.recommendations !== undefined);
  const crashes = readCases("outfit_v4_defects").filter(({ golden }) => golden.v4.exception !== undefined);

  it.each(cases.map((each, i) => [i, each.golden.class, each] as const))(
    "answers alike: %i, %s",
    (_i, _class, { line, golden, categories }) => {
      const ranking = rankLine(line);
      expect(ranking.queryCategory).toBe(golden.v4.vote);
      expect(ranking.fallback !== null).toBe(golden.v4.fallback);
      const rows = ranking.suggestions.map((each) =>
        golden.v4.fallback
          ? [
              toItemId(each.candidate),
              each.candidate.category,
              each.candidate.gender,
              toShownScore(each.parts),
              each.similarity,
              each.harmony.score,
              1,
              each.genderScore,
              each.reason,
            ]
          : [
              toItemId(each.candidate),
              each.candidate.category,
              toShownScore(each.parts),
              each.similarity,
              each.harmony.score,
              each.genderScore,
              each.rank,
            ],
      );
      const expected = golden.v4.recommendations!.map((row) =>
        golden.v4.fallback ? row : [row[0], categories[row[1] as number], ...row.slice(2)],
      );
      expect(rows).toEqual(expected);
    },
  );

  it.each(crashes.map((each, i) => [i, each.golden.class, each] as const))(
    "answers where V4 crashed: %i, %s",
    (_i, _class, { line, golden }) => {
      const ranking = rankLine(line);
      expect(ranking.queryCategory).toBe(golden.v4.vote);
      expect(ranking.fallback !== null).toBe(golden.v4.fallback);
      for (const { harmony, candidate } of ranking.suggestions) {
        if (harmony.harmony === "unknown") expect(harmony.score).toBe(0.2);
        if (golden.drop?.includes("path")) expect(candidate.path).toBeNull();
      }
    },
  );
});
