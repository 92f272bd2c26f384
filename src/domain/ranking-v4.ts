import type { Candidate } from "./candidate.js";
import { type Near, type Vote, voteEqually } from "./category-votes.js";
import { hueDistance } from "./color.js";
import { harmonyWith, v4HarmonyScores } from "./color-harmony.js";
import { v4Boosts, v4Excludes } from "./compatibility.js";
import { unknownGender, v4Admits } from "./gender.js";
import { toV4Reason } from "./match-reason.js";
import type { FallbackReason, HarmonyMatch, RankInput, Ranking, RankQuery, Suggestion } from "./ranking.js";
import { fromPoints, toPoints } from "./rounding.js";
import type { ScoreParts } from "./score.js";

const v4Voters = 5;
const v4Boost = 1.15;
const v4FallbackCount = 5;

type Scored = Omit<Suggestion, "rank">;

/**
 * StyGig V4's answer to the last digit. Candidates come in V4's order (similarity descending, then higher row first):
 * the first five vote, and earlier wins wherever rounded scores are equal.
 */
export function rankAsV4(input: RankInput): Ranking {
  const near = input.candidates.map((candidate, i) => ({ candidate, similarity: input.similarities[i]! }));
  const vote = voteEqually(near.slice(0, v4Voters));
  const voted = vote.winner;
  const admitted = near.filter(({ candidate }) => v4Admits(input.query.gender, genderOf(candidate)));
  const kept = admitted.filter(({ candidate }) => voted === null || !v4Excludes(voted, candidate.category));
  const best = bestOfEachCategory(kept.map((each) => scoreForOutfit(each, input.query, voted)));
  const fallback = best.length > 0 ? null : toFallbackReason(near, admitted);
  const cut = fallback === null ? (input.maxTotal ?? best.length) : (input.maxTotal ?? v4FallbackCount);
  const ordered = fallback === null ? best : rankPlainly(admitted, input.query);
  return {
    profile: "v4",
    queryCategory: voted,
    categorySource: voted === null ? "none" : "vote",
    confidence: null,
    vote,
    excludedCategories: toExcluded(near, vote),
    fallback,
    suggestions: ordered.slice(0, cut).map((scored, i) => ({ ...scored, rank: i + 1 })),
  };
}

function genderOf(candidate: Candidate): string {
  return candidate.gender ?? unknownGender;
}

function toFallbackReason(near: readonly Near[], admitted: readonly Near[]): FallbackReason {
  if (near.length === 0) return "no_candidates";
  return admitted.length === 0 ? "gender_refused_all" : "category_excluded_all";
}

function toExcluded(near: readonly Near[], { winner }: Vote): readonly string[] {
  if (winner === null) return [];
  const seen = new Set(near.flatMap(({ candidate }) => candidate.category || []));
  return [...seen].filter((category) => v4Excludes(winner, category)).sort();
}

function scoreForOutfit(near: Near, query: RankQuery, voted: string | null): Scored {
  const { candidate, similarity } = near;
  const harmony = matchColors(query, candidate.color);
  const genderScore = genderOf(candidate) === query.gender ? 1 : 0.75;
  const boosted = voted !== null && v4Boosts(voted, candidate.category);
  // V4's own order of operations: the sum runs left to right and the boost multiplies the unrounded score.
  const plain = 0.4 * similarity + 0.4 * harmony.score + 0.2 * genderScore;
  const parts = toParts({
    total: boosted ? plain * v4Boost : plain,
    plain,
    harmony: 0.4 * harmony.score,
    gender: 0.2 * genderScore,
  });
  return toScored(near, { harmony, genderScore, boosted, parts, query });
}

/** V4's fallback: no exclusion, no boost, similarity not used; the color is the item's plain one. */
function rankPlainly(admitted: readonly Near[], query: RankQuery): readonly Scored[] {
  const scored = admitted.map((near) => {
    const harmony = matchColors(query, near.candidate.plainColor);
    const genderScore = genderOf(near.candidate) === query.gender ? 1 : 0.75;
    const total = toPoints(0.45 * harmony.score + 0.25 * 1 + 0.3 * genderScore);
    const [harmonyPoints, category] = [toPoints(0.45 * harmony.score), 2500];
    const gender = total - harmonyPoints - category;
    const parts = { similarity: 0, harmony: harmonyPoints, gender, category, boost: 0, clamp: 0, total };
    return toScored(near, { harmony, genderScore, boosted: false, parts, query });
  });
  scored.sort((first, second) => second.parts.total - first.parts.total);
  const seen = new Set<string>();
  return scored.filter(({ candidate }) => {
    if (candidate.id === null) return true;
    return seen.has(candidate.id) ? false : seen.add(candidate.id);
  });
}

function toScored(
  { candidate, similarity }: Near,
  found: Readonly<{
    harmony: HarmonyMatch;
    genderScore: number;
    boosted: boolean;
    parts: ScoreParts;
    query: RankQuery;
  }>,
): Scored {
  const { harmony, genderScore, boosted, parts, query } = found;
  const reason = toV4Reason(query.color, candidate.plainColor, { harmony: harmony.score, gender: genderScore });
  return { candidate, similarity: fromPoints(toPoints(similarity)), harmony, genderScore, boosted, parts, reason };
}

function matchColors(query: RankQuery, color: Candidate["color"]): HarmonyMatch {
  const harmony = harmonyWith(query.color.hsl, color?.hsl ?? null);
  const distance = color === null ? null : hueDistance(query.color.hsl, color.hsl);
  return { harmony, score: v4HarmonyScores[harmony], hueDistance: distance };
}

/** V4 rounds only the whole, so the similarity part takes what its rounding leaves and the boost what the factor adds. */
function toParts(exact: Readonly<{ total: number; plain: number; harmony: number; gender: number }>): ScoreParts {
  const [harmony, gender, total] = [toPoints(exact.harmony), toPoints(exact.gender), toPoints(exact.total)];
  const similarity = toPoints(exact.plain) - harmony - gender;
  return { similarity, harmony, gender, category: 0, boost: total - similarity - harmony - gender, clamp: 0, total };
}

function bestOfEachCategory(scored: readonly Scored[]): readonly Scored[] {
  const best = new Map<string | null, Scored>();
  for (const each of scored) {
    const leader = best.get(each.candidate.category);
    // A Map keeps the place of its first entry, which is V4's order of equal categories.
    if (leader === undefined || each.parts.total > leader.parts.total) best.set(each.candidate.category, each);
  }
  return [...best.values()].sort((first, second) => second.parts.total - first.parts.total);
}
