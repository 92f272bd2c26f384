import { type FieldRule, isJsonObject, orNull, readFields, textRule, wholeNumberRule } from "./json-fields.js";
import type { Parsed } from "./parsed.js";

/** The numbers of a ranking; its behavior is the profile's. Part of the artifact, named in every answer. */
export type RankingRules = Readonly<{
  name: string;
  /** Best pieces shown per category, >= 1. `v4` always shows one, as V4 did. */
  itemsPerCategory: number;
  /** Most suggestions in one answer, >= itemsPerCategory. */
  maxTotal: number;
  /** `v5` leaves out suggestions whose shown score is lower; null shows all. V4 never applied its own. */
  minScore: number | null;
  /** How many of the nearest items vote on the query's category, >= 1. `v4` asks five. */
  voters: number;
  /** How fast a voter's voice fades with its distance, > 0; see `voteBySimilarity`. `v4` counts all alike. */
  voteTemperature: number;
  /** At this similarity or above an item is the query itself under another name; `v5` leaves it out. */
  sameItemSimilarity: number;
  /** Factor on the score of categories that go together, >= 1. `v4` has 1.15. */
  compatibleBoost: number;
}>;

const ours = { voters: 5, voteTemperature: 0.07, sameItemSimilarity: 0.9999, compatibleBoost: 1.15 };

/** Our default, then V4's five sets with the numbers V4 gave them. */
export const namedRules: Readonly<Record<string, RankingRules>> = {
  standard: { name: "standard", itemsPerCategory: 1, maxTotal: 26, minScore: null, ...ours },
  default: { name: "default", itemsPerCategory: 2, maxTotal: 26, minScore: 0.5, ...ours },
  high_diversity: { name: "high_diversity", itemsPerCategory: 2, maxTotal: 26, minScore: 0.6, ...ours },
  quality_focused: { name: "quality_focused", itemsPerCategory: 1, maxTotal: 26, minScore: 0.8, ...ours },
  high_volume: { name: "high_volume", itemsPerCategory: 3, maxTotal: 39, minScore: 0.4, ...ours },
  demo_showcase: { name: "demo_showcase", itemsPerCategory: 2, maxTotal: 26, minScore: 0.7, ...ours },
};

/** The rules in force when nobody names any. */
export const standardRules: RankingRules = namedRules.standard!;

function numberRule(min: number, max: number): FieldRule {
  return {
    expected: `a number from ${min} to ${max}`,
    accepts: (value) => typeof value === "number" && value >= min && value <= max,
  };
}

const fieldRules: Readonly<Record<keyof RankingRules, FieldRule>> = {
  name: textRule(64),
  itemsPerCategory: wholeNumberRule(1, 1000),
  maxTotal: wholeNumberRule(1, 10_000),
  minScore: orNull(numberRule(0, 1)),
  voters: wholeNumberRule(1, 100),
  voteTemperature: numberRule(0.001, 100),
  sameItemSimilarity: numberRule(0, 2),
  compatibleBoost: numberRule(1, 10),
};

/** Rules from JSON, strictly: each key known, each number in range, absent keys as in `standard`; or every problem. */
export function parseRankingRules(value: unknown): Parsed<RankingRules> {
  if (!isJsonObject(value)) return { problems: ["rules must be a JSON object."] };
  const problems: string[] = [];
  const given = readFields("rules", { ...standardRules, name: "custom", ...value }, fieldRules, problems);
  if (problems.length === 0 && (given.maxTotal as number) < (given.itemsPerCategory as number)) {
    problems.push("rules.maxTotal must be at least rules.itemsPerCategory.");
  }
  const [first, ...rest] = problems;
  return first === undefined
    ? { value: Object.freeze(given) as unknown as RankingRules }
    : { problems: [first, ...rest] };
}
