import type { ScoreParts } from "./reply.js";

export type Segment = Readonly<{ name: PartName; label: string; points: number; share: number }>;
type PartName = "similarity" | "harmony" | "gender" | "category" | "boost";

const labels: Readonly<Record<PartName, string>> = {
  similarity: "Looks alike",
  harmony: "Color harmony",
  gender: "Wearer",
  category: "Category",
  boost: "Goes together",
};

const cutLabel = "Kept within 0 and 1";

/** A whole score; what reaches beyond it is cut off, or in v4 is not. */
const whole = 10_000;

/** The parts of a score as pieces of one bar, the empty ones left out. Shares are of the bar's own length, and add up to its score. */
export function toSegments(parts: ScoreParts): readonly Segment[] {
  const names = Object.keys(labels) as PartName[];
  const sum = names.reduce((total, name) => total + Math.max(0, parts[name]), 0);
  const length = Math.max(whole, sum);
  return names
    .filter((name) => parts[name] > 0)
    .map((name) => ({ name, label: labels[name], points: parts[name], share: parts[name] / length }));
}

/** One line for each part that counts, with what was cut off; the last is the total. */
export function toLines(parts: ScoreParts): readonly Readonly<{ name: string; label: string; points: number }>[] {
  const below = { name: "similarity", label: labels.similarity, points: parts.similarity };
  return [
    // A similarity below zero has no place in a bar, but counts.
    ...(parts.similarity < 0 ? [below] : []),
    ...toSegments(parts).map(({ name, label, points }) => ({ name, label, points })),
    ...(parts.clamp === 0 ? [] : [{ name: "clamp", label: cutLabel, points: parts.clamp }]),
    { name: "total", label: "Score", points: parts.total },
  ];
}

/** Part by part, what the first score has more or less than the second; equal parts are left out, the total is last. */
export function toDifferences(
  one: ScoreParts,
  other: ScoreParts,
): readonly Readonly<{ label: string; points: number }>[] {
  const rows = [...Object.entries(labels), ["clamp", cutLabel], ["total", "Score"]] as readonly [
    keyof ScoreParts,
    string,
  ][];
  return rows
    .map(([name, label]) => ({ label, points: one[name] - other[name] }))
    .filter(({ label, points }) => points !== 0 || label === "Score");
}

/** Ten-thousandths as the answer writes them: four decimals. */
export function toDecimals(points: number): string {
  return (points / whole).toFixed(4).replace("-", "\u2212");
}
