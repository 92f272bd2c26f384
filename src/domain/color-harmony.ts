import { type Hsl, hueDistance, isNeutral } from "./color.js";

/** How two colors go together. `unknown` only when one of them is not known. */
export type Harmony = "neutral" | "analogous" | "complementary" | "triadic" | "clashing" | "unknown";

/** One band of the color wheel: hue distances in turns, both borders included. */
type HarmonyBand = Readonly<{ harmony: Harmony; from: number; to: number }>;

/** V4's bands, tested in this order with double arithmetic; what falls between them clashes. */
const harmonyBands: readonly HarmonyBand[] = [
  { harmony: "analogous", from: 0, to: 0.084 },
  { harmony: "complementary", from: 0.45, to: 0.55 },
  { harmony: "triadic", from: 0.29, to: 0.375 },
];

/** Symmetric: harmonyOf(a, b) equals harmonyOf(b, a). A neutral color goes with everything. */
export function harmonyOf(first: Hsl, second: Hsl): Harmony {
  if (isNeutral(first) || isNeutral(second)) return "neutral";
  return harmonyOfDistance(hueDistance(first, second));
}

/** Of two colors whose hues matter, by the distance of those in turns. */
export function harmonyOfDistance(distance: number): Harmony {
  for (const { harmony, from, to } of harmonyBands) if (from <= distance && distance <= to) return harmony;
  return "clashing";
}

/**
 * Which of the stretches that the bands' borders cut the distances into this one is in: never falls as the distance
 * rises, and says which harmony. A clash has two of them.
 */
export function stretchOfDistance(distance: number): number {
  let passed = 0;
  for (const { from, to } of harmonyBands) passed += Number(from <= distance) + Number(to < distance);
  return passed;
}

/**
 * As `harmonyOf`, where the second color may be unknown. A neutral first color decides alone, as in V4,
 * which never looked at the second one then.
 */
export function harmonyWith(first: Hsl, second: Hsl | null): Harmony {
  if (second !== null) return harmonyOf(first, second);
  return isNeutral(first) ? "neutral" : "unknown";
}

/** What each harmony is worth, each in [0, 1]. */
export type HarmonyScores = Readonly<Record<Harmony, number>>;

/** V4's values: a neutral color beats every true harmony (D09). An unknown color, on which V4 crashed, counts as a clash. */
export const v4HarmonyScores: HarmonyScores = {
  neutral: 1,
  analogous: 0.9,
  complementary: 0.8,
  triadic: 0.7,
  clashing: 0.2,
  unknown: 0.2,
};

/** V4's order of the true harmonies, with neutral below all of them and well above a clash. */
export const v5HarmonyScores: HarmonyScores = {
  neutral: 0.75,
  analogous: 1,
  complementary: 0.9,
  triadic: 0.8,
  clashing: 0.2,
  unknown: 0.2,
};
