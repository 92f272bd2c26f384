import type { KnownColor } from "./candidate.js";
import type { Harmony } from "./color-harmony.js";
import type { Rgb } from "./image.js";

/** V4's sentence of why two pieces match; `item` is the item's plain color, which V4 prints even where it scored another. */
export function toV4Reason(
  query: KnownColor,
  item: KnownColor | null,
  scores: Readonly<{ harmony: number; gender: number }>,
): string {
  const reasons = ["category compatible"];
  if (scores.gender >= 0.8) reasons.unshift("gender appropriate");
  if (scores.harmony >= 0.8) reasons.unshift(toColorReason(query.rgb, item?.rgb ?? null));
  return reasons.join(", ");
}

function toColorReason(query: Rgb, item: Rgb | null): string {
  if (item !== null && query.every((channel, i) => channel === item[i])) return `matching ${toTuple(query)}`;
  return `harmonious colors (${toTuple(query)}+${item === null ? "None" : toTuple(item)})`;
}

function toTuple(rgb: Rgb): string {
  return `(${rgb.join(", ")})`;
}

const harmonyReasons: Readonly<Record<Harmony, string>> = {
  neutral: "a neutral color goes with any other",
  analogous: "the colors are neighbors on the wheel",
  complementary: "the colors face each other on the wheel",
  triadic: "the colors are a third of the wheel apart",
  clashing: "the colors clash",
  unknown: "the item's color is not known",
};

/** Why this piece, in `v5`: what its color does, and what the pairing of categories adds. */
export function toV5Reason(
  harmony: Harmony,
  pair: Readonly<{ query: string | null; item: string | null; boosted: boolean }>,
): string {
  const color = harmonyReasons[harmony];
  return pair.boosted ? `${color}; ${pair.item} goes with ${pair.query}` : color;
}
