import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type OutfitCase, toRankLine } from "../support/outfit-golden.js";
import { parseLines, runStygig } from "../support/run-stygig.js";

function readGolden(name: string) {
  return JSON.parse(readFileSync(new URL(`../golden/data/${name}.json`, import.meta.url), "utf8"));
}

describe("stygig rank", () => {
  it("answers all of V4's 250 golden rankings, one line each", async () => {
    const golden = readGolden("outfit");
    const lines = golden.cases.map((each: OutfitCase) => JSON.stringify(toRankLine(each, golden)));
    const { exitCode, stdout } = await runStygig(["rank"], lines.join("\n"));
    const answers = parseLines(stdout);
    expect(exitCode).toBe(0);
    expect(answers).toHaveLength(250);
    for (const [i, { query_category, fallback, recommendations }] of answers.entries()) {
      const { v4 } = golden.cases[i];
      expect([query_category, fallback]).toEqual([v4.vote, v4.fallback]);
      const rows = recommendations.map((row: Record<string, unknown>) => [
        row.item_id,
        golden.categories.indexOf(row.category),
        row.score,
        row.similarity_score,
        row.color_harmony_score,
        row.gender_compatibility_score,
        row.rank,
      ]);
      expect(rows).toEqual(v4.recommendations);
    }
  });

  it("explains a v5 answer: voters, tally, excluded categories, both colors and the exact parts", async () => {
    const shirt = { id: "s", category: "upperwear_shirt", gender: "unisex", color_rgb: [9, 9, 200], similarity: 0.9 };
    const pants = { id: "p", category: "bottomwear_pants", gender: "male", color_rgb: [20, 40, 190], similarity: 0.4 };
    const line = JSON.stringify({ query: { color_rgb: [30, 30, 200] }, candidates: [shirt, pants] });
    const { stdout } = await runStygig(["rank", "--explain"], line);
    const [answer] = parseLines(stdout);
    expect(answer.category_vote.voters.map(({ item_id }: { item_id: string }) => item_id)).toEqual(["s", "p"]);
    expect(answer.category_vote.excluded_categories).toEqual(["upperwear_shirt"]);
    const [only] = answer.recommendations;
    const { total, ...parts } = only.score_parts;
    expect(Object.values<number>(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
    expect(only.score).toBe(total / 10_000);
    expect(only.harmony).toMatchObject({
      rule: "analogous",
      query: { rgb: [30, 30, 200] },
      item: { rgb: [20, 40, 190] },
    });
  });

  it("answers a bad line with an error line, tells its number, goes on and exits 1", async () => {
    const good = JSON.stringify({ query: { color_rgb: [1, 2, 3] }, candidates: [] });
    const { exitCode, stdout, stderr } = await runStygig(["rank"], `${good}\n{"query":\n\n${good}\n`);
    expect(exitCode).toBe(1);
    expect(parseLines(stdout).map((answer) => answer.error?.code ?? answer.fallback_reason)).toEqual([
      "no_candidates",
      "body_malformed",
      "no_candidates",
    ]);
    expect(stderr).toContain("line 2: ");
  });

  it("refuses unknown rules and a missing file before it reads anything", async () => {
    const rules = await runStygig(["rank", "--rules", "nobody"]);
    expect([rules.exitCode, rules.stdout]).toEqual([2, ""]);
    expect(rules.stderr).toContain("neither a readable file nor one of standard, default");
    const file = await runStygig(["rank", "no-such-file.jsonl"]);
    expect(file.exitCode).toBe(1);
    expect(file.stderr).toContain("no-such-file.jsonl");
  });
});

describe("stygig color", () => {
  it("scores all of V4's 1,200 golden pairs in v4", async () => {
    const { rows } = readGolden("harmony");
    const lines = rows.map((row: number[]) => JSON.stringify({ a: row.slice(1, 4), b: row.slice(4, 7) }));
    const { exitCode, stdout } = await runStygig(["color", "--profile", "v4"], lines.join("\n"));
    expect(exitCode).toBe(0);
    expect(parseLines(stdout).map(({ score, a, b }) => [score, a.hue, b.hue, a.neutral, b.neutral])).toEqual(
      rows.map((row: unknown[]) => [row[7], row[8], row[11], row[14], row[15]]),
    );
  });

  it("tells a person why two colors go together", async () => {
    const { stdout } = await runStygig(["color", "200,30,40", "30,200,190"]);
    expect(stdout).toContain("complementary, 180\u00b0 apart (0.5000 turns): 0.9 of 1 in v5");
  });

  it.each([
    [["color", "1,2,3"], "needs two colors"],
    [["color", "1,2,3", "1,2,256"], 'the second color, "1,2,256", must be three whole numbers'],
    [["color", "1,2,3", "4,5,6", "--profile", "v6"], "Allowed choices are v4, v5"],
    [["colour"], "unknown command"],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { exitCode, stdout, stderr } = await runStygig(args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  it.each([
    ["mean", [191, 192, 226]],
    ["dominant", null],
  ] as const)("takes the %s color of a picture", async (method, expected) => {
    const { rows } = readGolden("mean_color");
    const golden = rows.find(({ file }: { file: string }) => file.endsWith("garment0.png"));
    const picture = "test/golden/data/mean_color/garment0.png";
    const { exitCode, stdout } = await runStygig(["color", "--image", picture, "--method", method, "--json"]);
    expect(exitCode).toBe(0);
    const [{ color_rgb }] = parseLines(stdout);
    expect(color_rgb).toHaveLength(3);
    if (expected !== null) expect([color_rgb, golden.catalogue_color]).toEqual([expected, expected]);
  });

  it("names what is wrong with a picture and exits 1", async () => {
    const { exitCode, stderr } = await runStygig(["color", "--image", "package.json", "--json"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("not a readable picture");
  });
});
