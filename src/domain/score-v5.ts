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
const harmonyPoints = Object.fromEntries(
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
  const ownHue = query.color.hsl.hue;
  const isQueryNeutral = isNeutral(query.color.hsl);
  const pointsOfGender = columns.genders.map((gender) => genderPoints(scoreGender(query.gender, gender)));
  const harmonyAt = (place: number): Harmony => {
    if (isQueryNeutral || tone[place] === tones.neutral) return "neutral";
    return tone[place] === tones.unknown ? "unknown" : harmonyOfDistance(turnsApart(ownHue, hue[place]!));
  };
  return (place, similarity, boosted) => {
    const plain = similarityPoints(similarity) + harmonyPoints[harmonyAt(place)] + pointsOfGender[genderOf[place]!]!;
    return plain + boostPoints(plain, boosted, rules);
  };
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
