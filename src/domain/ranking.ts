import type { Candidate, KnownColor } from "./candidate.js";
import type { CandidateColumns } from "./candidate-columns.js";
import type { Vote } from "./category-votes.js";
import type { Harmony } from "./color-harmony.js";
import type { Profile } from "./profile.js";
import type { RankingRules } from "./ranking-rules.js";
import type { ScoreParts } from "./score.js";
import type { VoteCalibration } from "./vote-confidence.js";

/** What is asked: the query's color and gender, and what the caller decides for us. */
export type RankQuery = Readonly<{
  color: KnownColor;
  /** `male`, `female`, `unisex`, or anything else for unknown. */
  gender: string;
  /** The caller's own word on the category, which then is not voted on (`v5`). */
  category: string | null;
}>;

/** Everything a ranking depends on. `similarities[i]`, in [-1, 1], belongs to `candidates[i]`. */
export type RankInput = Readonly<{
  query: RankQuery;
  candidates: readonly Candidate[];
  /** Theirs, where they are known already (`v5`): of a catalog that is asked more than once. */
  columns?: CandidateColumns;
  similarities: ArrayLike<number>;
  /** Places among the candidates that must not be suggested (`v5`). */
  excludedPlaces: ReadonlySet<number>;
  rules: RankingRules;
  /** Most suggestions wanted; null is V4 without a configuration: no cut, and five in its fallback. */
  maxTotal: number | null;
  itemsPerCategory: number;
  /** Turns the winner's share into a probability (`v5`). */
  calibration: VoteCalibration;
}>;

/** How one item's color goes with the query's. The distance, in turns [0, 0.5], is null when a color is unknown. */
export type HarmonyMatch = Readonly<{ harmony: Harmony; score: number; hueDistance: number | null }>;

/** One suggested piece and why. `rank` counts from 1; `similarity` and `genderScore` are rounded to four decimals. */
export type Suggestion = Readonly<{
  candidate: Candidate;
  rank: number;
  similarity: number;
  harmony: HarmonyMatch;
  genderScore: number;
  boosted: boolean;
  parts: ScoreParts;
  reason: string;
}>;

/** Why the plain order was used instead of the outfit rules. */
export type FallbackReason = "no_candidates" | "gender_refused_all" | "category_excluded_all";

/** A finished ranking with everything needed to explain it. */
export type Ranking = Readonly<{
  profile: Profile;
  queryCategory: string | null;
  categorySource: "vote" | "caller" | "none";
  /** How likely the voted category is right, in [0, 1]; null when it was given or there was no vote. */
  confidence: number | null;
  vote: Vote;
  /** Categories of the catalog that the query's category ruled out. */
  excludedCategories: readonly string[];
  fallback: FallbackReason | null;
  suggestions: readonly Suggestion[];
}>;
