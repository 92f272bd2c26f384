import { fromPoints } from "./rounding.js";

/**
 * A score in whole ten-thousandths. `total` is exactly the sum of the other parts; `boost` is what the 1.15
 * added, `clamp` what keeps the shown score in [0, 1] (always 0 in `v4`, whose scores reach 1.15).
 */
export type ScoreParts = Readonly<{
  similarity: number;
  harmony: number;
  gender: number;
  /** V4's fallback gives every item a quarter for a category fit it never looks at; 0 elsewhere. */
  category: number;
  boost: number;
  clamp: number;
  total: number;
}>;

/** The shown score. */
export function toShownScore(parts: ScoreParts): number {
  return fromPoints(parts.total);
}
