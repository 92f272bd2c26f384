import { entryOf } from "./entry-of.js";
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

type FieldRule = Readonly<{ is: (value: unknown) => boolean; must: string }>;

function wholeNumber(min: number, max: number): FieldRule {
  return {
    is: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    must: `must be a whole number from ${min} to ${max}`,
  };
}

function numberWithin(min: number, max: number): FieldRule {
  return {
    is: (value) => typeof value === "number" && value >= min && value <= max,
    must: `must be a number from ${min} to ${max}`,
  };
}

const fieldRules: Readonly<Record<keyof RankingRules, FieldRule>> = {
  name: { is: (value) => typeof value === "string" && /^[\w.-]{1,64}$/.test(value), must: "must be a short name" },
  itemsPerCategory: wholeNumber(1, 1000),
  maxTotal: wholeNumber(1, 10_000),
  minScore: { is: (value) => value === null || numberWithin(0, 1).is(value), must: "must be null or from 0 to 1" },
  voters: wholeNumber(1, 100),
  voteTemperature: numberWithin(0.001, 100),
  sameItemSimilarity: numberWithin(0, 2),
  compatibleBoost: numberWithin(1, 10),
};

/** Rules from JSON, strictly: each key known, each number in range, absent keys as in `standard`; or every problem. */
export function parseRankingRules(value: unknown): Parsed<RankingRules> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problems: ["rules must be a JSON object"] };
  }
  const given: Record<string, unknown> = { ...standardRules, name: "custom", ...value };
  const problems = Object.entries(given).flatMap(([key, entry]) => {
    const rule = entryOf<FieldRule>(fieldRules, key);
    if (rule === undefined) return [`rules: unknown key "${key}"`];
    return rule.is(entry) ? [] : [`rules: ${key} ${rule.must}, not ${JSON.stringify(entry)}`];
  });
  if (problems.length === 0 && (given.maxTotal as number) < (given.itemsPerCategory as number)) {
    problems.push("rules: maxTotal must be at least itemsPerCategory");
  }
  const [first, ...rest] = problems;
  return first === undefined ? { value: Object.freeze(given) as RankingRules } : { problems: [first, ...rest] };
}
