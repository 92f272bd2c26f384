import { type Hsl, isNeutral } from "./color.js";

/** The words people look for a color by. `neutral` is what has no hue to speak of: white, gray, black, beige. */
export const colorFamilies = [
  ...(["red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"] as const),
  "neutral",
] as const;
export type ColorFamily = (typeof colorFamilies)[number];

/** Where each family ends, in degrees; beyond the last it is red again. */
const ends: readonly (readonly [ColorFamily, number])[] = [
  ["red", 15],
  ["orange", 42],
  ["yellow", 70],
  ["green", 165],
  ["teal", 200],
  ["blue", 255],
  ["purple", 290],
  ["pink", 345],
];

/** The family of a color; its borders are a matter of words, and nothing is ranked by them. */
export function colorFamilyOf(color: Hsl): ColorFamily {
  if (isNeutral(color)) return "neutral";
  const degrees = color.hue * 360;
  return ends.find(([, end]) => degrees < end)?.[0] ?? "red";
}
