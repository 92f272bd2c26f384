import type { KnownColor } from "./candidate.js";
import { toItemId } from "./candidate.js";
import { isNeutral } from "./color.js";
import type { Ranking, Suggestion } from "./ranking.js";
import { fromPoints, toPoints } from "./rounding.js";

/** Why the query counts as its category: who voted, how similar they are, and what the vote ruled out. JSON-ready. */
export function toVoteExplanation({ vote, queryCategory, categorySource, confidence, excludedCategories }: Ranking) {
  return {
    category: queryCategory,
    source: categorySource,
    confidence: confidence === null ? null : fromPoints(toPoints(confidence)),
    voters: vote.voters.map(({ candidate, similarity, weight }) => ({
      item_id: toItemId(candidate),
      category: candidate.category,
      similarity: fromPoints(toPoints(similarity)),
      weight: fromPoints(toPoints(weight)),
    })),
    tally: vote.tally.map(({ category, votes, share }) => ({ category, votes, share: fromPoints(toPoints(share)) })),
    excluded_categories: excludedCategories,
  };
}

/** Which color rule matched a suggestion and what it was worth. Hue in turns, as V4, with degrees for the eye. */
export function toHarmonyExplanation({ harmony, candidate }: Suggestion, query: KnownColor) {
  return {
    rule: harmony.harmony,
    score: harmony.score,
    query: toColorExplanation(query),
    item: candidate.color === null ? null : toColorExplanation(candidate.color),
    hue_distance_turns: harmony.hueDistance,
    hue_distance_degrees: harmony.hueDistance === null ? null : toDegrees(harmony.hueDistance),
  };
}

/** A color as numbers: HSL with hue in turns [0, 1), the same in degrees, and whether it counts as neutral. */
export function toColorExplanation({ rgb, hsl }: KnownColor) {
  return {
    rgb,
    hue: hsl.hue,
    hue_degrees: toDegrees(hsl.hue),
    saturation: hsl.saturation,
    lightness: hsl.lightness,
    neutral: isNeutral(hsl),
  };
}

/** What a caller should know before trusting a suggestion. */
export function toFlags({ harmony, candidate }: Suggestion): readonly string[] {
  return [
    ...(harmony.harmony === "unknown" ? ["color_unknown"] : []),
    ...(candidate.category ? [] : ["category_missing"]),
    ...(candidate.gender === null ? ["gender_unknown"] : []),
  ];
}

function toDegrees(turns: number): number {
  return Math.round(turns * 3600) / 10;
}
