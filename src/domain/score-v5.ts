import type { Candidate } from "./candidate.js";
import { type CandidateColumns, tones } from "./candidate-columns.js";
import { hueDistance, isNeutral, turnsApart } from "./color.js";
import { type Harmony, harmonyOfDistance, harmonyWith, v5HarmonyScores } from "./color-harmony.js";
import { isGender } from "./gender.js";
import type { HarmonyMatch, RankQuery, Suggestion } from "./ranking.js";
import type { RankingRules } from "./ranking-rules.js";
import { fromPoints, toPoints } from "./rounding.js";
import type { ScoreParts } from "./score.js";

/** A scored candidate with all its parts. */
export type Scored = Omit<Suggestion, "rank" | "reason">;

// V4's weights: 0.4 for similarity, 0.4 for harmony, 0.2 for gender.
const similarityPoints = (similarity: number) => toPoints(0.4 * similarity);
const genderPoints = (score: number) => toPoints(0.2 * score);
/** What a harmony adds to a score. */
export const harmonyPoints = Object.fromEntries(
  Object.entries(v5HarmonyScores).map(([harmony, score]) => [harmony, toPoints(0.4 * score)]),
) as Readonly<Record<Harmony, number>>;

/**
 * What orders the candidates, in ten-thousandths before the clamp: `scoreCandidate`'s parts added up, from columns and without an
 * object for each candidate.
 */
export function createRawPoints(
  query: Pick<RankQuery, "color" | "gender">,
  columns: CandidateColumns,
  rules: Pick<RankingRules, "compatibleBoost">,
): (place: number, similarity: number, boosted: boolean) => number {
  const { tone, hue, genderOf } = columns;
  const pointsOfGender = columns.genders.map((gender) => toGenderPoints(query.gender, gender));
  const harmonyAt = createHarmonyOfTone(query.color.hsl);
  return (place, similarity, boosted) => {
    const fixed = harmonyPoints[harmonyAt(tone[place]!, hue[place]!)] + pointsOfGender[genderOf[place]!]!;
    return toRawPoints(similarity, fixed, boosted, rules);
  };
}

/** The same of one candidate, whose harmony and gender add `fixed`. Never falls as the similarity rises. */
export function toRawPoints(
  similarity: number,
  fixed: number,
  boosted: boolean,
  rules: Pick<RankingRules, "compatibleBoost">,
): number {
  const plain = similarityPoints(similarity) + fixed;
  return plain + boostPoints(plain, boosted, rules);
}

/** The harmony with the query's color of one of the `tones`, whose hue matters where it is colored. */
export function createHarmonyOfTone(own: RankQuery["color"]["hsl"]): (tone: number, hue: number) => Harmony {
  const isQueryNeutral = isNeutral(own);
  return (tone, hue) => {
    if (isQueryNeutral || tone === tones.neutral) return "neutral";
    return tone === tones.unknown ? "unknown" : harmonyOfDistance(turnsApart(own.hue, hue));
  };
}

/** What an item's gender adds to a score. */
export function toGenderPoints(query: string, item: string | null): number {
  return genderPoints(scoreGender(query, item));
}

/** One candidate with its score and the exact parts of it. */
export function scoreCandidate(
  { candidate, similarity, boosted }: Readonly<{ candidate: Candidate; similarity: number; boosted: boolean }>,
  query: Pick<RankQuery, "color" | "gender">,
  rules: Pick<RankingRules, "compatibleBoost">,
): Scored {
  const harmony = matchColors(query.color.hsl, candidate);
  const genderScore = scoreGender(query.gender, candidate.gender);
  const points = {
    similarity: similarityPoints(similarity),
    harmony: harmonyPoints[harmony.harmony],
    gender: genderPoints(genderScore),
  };
  const plain = points.similarity + points.harmony + points.gender;
  const boost = boostPoints(plain, boosted, rules);
  const total = Math.max(0, Math.min(10_000, plain + boost));
  const parts: ScoreParts = { ...points, category: 0, boost, clamp: total - plain - boost, total };
  return { candidate, similarity: fromPoints(toPoints(similarity)), harmony, genderScore, boosted, parts };
}

function boostPoints(plain: number, boosted: boolean, { compatibleBoost }: Pick<RankingRules, "compatibleBoost">) {
  return boosted ? Math.max(0, Math.round(plain * (compatibleBoost - 1))) : 0;
}

function matchColors(own: RankQuery["color"]["hsl"], { color }: Candidate): HarmonyMatch {
  const harmony = harmonyWith(own, color?.hsl ?? null);
  return { harmony, score: v5HarmonyScores[harmony], hueDistance: color === null ? null : hueDistance(own, color.hsl) };
}

/** V4's 1 and 0.75; where nothing is known of the wearer there is nothing to prefer. */
function scoreGender(query: string, item: string | null): number {
  return !isGender(query) || query === item ? 1 : 0.75;
}
