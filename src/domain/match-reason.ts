import type { KnownColor } from "./candidate.js";
import type { Rgb } from "./image.js";

/** V4's sentence of why two pieces match; `item` is the item's plain color, which V4 prints even where it scored another. */
export function toMatchReason(
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
