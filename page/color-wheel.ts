import type { ColorReason, HarmonyReason, Rgb } from "./reply.js";

/** The bands of each rule around the query's hue, in degrees; those of `src/domain/color-harmony.ts`, held to them by a test. */
const bands: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  analogous: [[-30.24, 30.24]],
  complementary: [[162, 198]],
  triadic: [
    [104.4, 135],
    [225, 255.6],
  ],
};

export type Point = Readonly<{ x: number; y: number }>;

/** On a wheel of radius 1 around the origin, red at the top, clockwise. */
export type Wheel = Readonly<{
  query: Point;
  item: Point | null;
  /** From and to in degrees, clockwise from the top. */
  arcs: readonly (readonly [number, number])[];
}>;

/** Where both colors stand and which part of the wheel the rule opens around the query's hue. */
export function toWheel({ rule, query, item }: HarmonyReason): Wheel {
  const arcs = (bands[rule] ?? []).map(([from, to]) => [query.hue_degrees + from, query.hue_degrees + to] as const);
  return { query: placeOf(query), item: item === null ? null : placeOf(item), arcs };
}

/** A neutral color has no place among the hues: it stands in the middle. */
function placeOf({ hue_degrees, neutral }: ColorReason): Point {
  return neutral ? { x: 0, y: 0 } : pointAt(hue_degrees, 1);
}

/** The point at an angle in degrees, clockwise from the top, at a distance from the middle. */
export function pointAt(degrees: number, radius: number): Point {
  const angle = ((degrees - 90) * Math.PI) / 180;
  return { x: round(Math.cos(angle) * radius), y: round(Math.sin(angle) * radius) };
}

/** SVG path of a ring's part between two angles, clockwise, both radii given. */
export function ringPath([from, to]: readonly [number, number], inner: number, outer: number): string {
  const isLarge = to - from > 180 ? 1 : 0;
  const [a, b, c, d] = [pointAt(from, outer), pointAt(to, outer), pointAt(to, inner), pointAt(from, inner)];
  const outside = `M${a.x} ${a.y}A${outer} ${outer} 0 ${isLarge} 1 ${b.x} ${b.y}`;
  return `${outside}L${c.x} ${c.y}A${inner} ${inner} 0 ${isLarge} 0 ${d.x} ${d.y}Z`;
}

export function toCss([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
