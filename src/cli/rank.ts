import type { Command } from "commander";
import { Option } from "commander";
import { readRules } from "../adapters/rules-file.js";
import { toItemId } from "../domain/candidate.js";
import { toFlags, toHarmonyExplanation, toVoteExplanation } from "../domain/explanation.js";
import { profiles } from "../domain/profile.js";
import { rank } from "../domain/rank.js";
import type { Ranking, Suggestion } from "../domain/ranking.js";
import { toShownScore } from "../domain/score.js";
import { exitCodes, readLines, tellProblems, writeData } from "./output.js";
import { parseRankCase, type RankCase } from "./rank-case.js";

/** Adds `stygig rank`: rankings from JSON Lines, without pictures, model or server. */
export function addRankCommand(program: Command): void {
  program
    .command("rank")
    .summary("rank candidates given as JSON Lines, one case a line")
    .description(
      "Reads one JSON object a line from FILE or stdin and writes one answer a line:\n" +
        '{"profile":"v5","query":{"color_rgb":[r,g,b],"gender":"unisex"},"max_total":26,\n' +
        ' "candidates":[{"id","category","gender","color_rgb","color","path","similarity"}, ...]}\n' +
        "Any key of a candidate but similarity may be absent or null. In v4 candidates keep their order.",
    )
    .argument("[file]", "JSON Lines; stdin when absent")
    .addOption(new Option("--profile <profile>", "behavior of lines that name none").choices(profiles).default("v5"))
    .option("--rules <name|file>", "numbers of the ranking: a named set or a JSON file", "standard")
    .option("--explain", "add the vote and each color match to every line")
    .action(runRank);
}

type RankOptions = Readonly<{ profile: (typeof profiles)[number]; rules: string; explain?: boolean }>;

async function runRank(file: string | undefined, options: RankOptions): Promise<void> {
  const rules = await readRules(options.rules);
  if ("problems" in rules) return tellProblems(rules.problems, exitCodes.usage);
  for await (const { number, text } of readLines(file)) {
    const parsed = parseRankCase(parseJson(text), rules.value, options.profile);
    if ("problems" in parsed) {
      // One line out for each line in, so that a reader never loses its place.
      tellProblems(
        parsed.problems.map((problem) => `line ${number}: ${problem}`),
        exitCodes.failed,
      );
      await writeData(JSON.stringify({ error: { code: "body_malformed", problems: parsed.problems } }));
      continue;
    }
    await writeData(JSON.stringify(answer(parsed.value, options.explain ?? false)));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answer({ profile, input }: RankCase, explain: boolean) {
  const ranking = rank(profile, input);
  return {
    profile,
    query_category: ranking.queryCategory,
    fallback: ranking.fallback !== null,
    fallback_reason: ranking.fallback,
    ...(explain ? { category_vote: toVoteExplanation(ranking) } : {}),
    recommendations: ranking.suggestions.map((each) => toRow(each, input.query.color, explain)),
  } satisfies Record<string, unknown> & { query_category: Ranking["queryCategory"] };
}

function toRow(suggestion: Suggestion, queryColor: RankCase["input"]["query"]["color"], explain: boolean) {
  const { candidate, parts } = suggestion;
  return {
    rank: suggestion.rank,
    item_id: toItemId(candidate),
    category: candidate.category,
    gender: candidate.gender ?? "unknown",
    path: candidate.path,
    score: toShownScore(parts),
    similarity_score: suggestion.similarity,
    color_harmony_score: suggestion.harmony.score,
    gender_compatibility_score: suggestion.genderScore,
    boosted: suggestion.boosted,
    color_harmony: suggestion.harmony.harmony,
    hue_distance_turns: suggestion.harmony.hueDistance,
    score_parts: parts,
    flags: toFlags(suggestion),
    match_reason: suggestion.reason,
    ...(explain ? { harmony: toHarmonyExplanation(suggestion, queryColor) } : {}),
  };
}
