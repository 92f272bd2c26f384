import type { Candidate, KnownColor } from "../../src/domain/candidate.js";
import { toHsl } from "../../src/domain/color.js";
import type { Rgb } from "../../src/domain/image.js";
import type { RankInput, RankQuery } from "../../src/domain/ranking.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { uncalibrated } from "../../src/domain/vote-confidence.js";

export const red: Rgb = [200, 30, 40];
export const teal: Rgb = [30, 200, 190];
export const gray: Rgb = [128, 128, 128];

export function aColor(rgb: Rgb): KnownColor {
  return { rgb, hsl: toHsl(rgb) };
}

export type ItemSketch = Readonly<{
  id?: string | null;
  category?: string | null;
  gender?: string | null;
  rgb?: Rgb | null;
  similarity?: number;
}>;

/** A candidate with everything filled in; say only what matters. */
export function aCandidate(sketch: ItemSketch, row = 0): Candidate {
  const color = sketch.rgb === null ? null : aColor(sketch.rgb ?? gray);
  return {
    row,
    id: sketch.id === undefined ? `item-${String(row).padStart(3, "0")}` : sketch.id,
    category: sketch.category === undefined ? "bottomwear_pants" : sketch.category,
    gender: sketch.gender === undefined ? "unisex" : sketch.gender,
    path: null,
    color,
    plainColor: color,
  };
}

/** A whole ranking input from sketches; the query is a red piece of unknown gender unless said otherwise. */
export function aRankInput(
  items: readonly ItemSketch[],
  query: Partial<RankQuery> = {},
  more: Partial<RankInput> = {},
): RankInput {
  return {
    query: { color: aColor(red), gender: "unknown", category: null, ...query },
    excludedPlaces: new Set(),
    candidates: items.map(aCandidate),
    similarities: items.map(({ similarity }) => similarity ?? 0.5),
    rules: standardRules,
    maxTotal: 26,
    itemsPerCategory: 1,
    calibration: uncalibrated,
    ...more,
  };
}

/** Five shirts that settle the vote, then the given items. */
export function afterFiveShirts(items: readonly ItemSketch[]): readonly ItemSketch[] {
  const shirts = [0.95, 0.94, 0.93, 0.92, 0.91].map((similarity, i) => ({
    id: `shirt-${i}`,
    category: "upperwear_shirt",
    similarity,
  }));
  return [...shirts, ...items];
}
