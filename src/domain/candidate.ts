import type { Hsl } from "./color.js";
import type { Rgb } from "./image.js";

/** A color with the hue that ranking compares, worked out once. */
export type KnownColor = Readonly<{ rgb: Rgb; hsl: Hsl }>;

/** One catalog item as ranking sees it. Whatever the catalog does not say is null. */
export type Candidate = Readonly<{
  /** Where the caller finds the item again. */
  row: number;
  id: string | null;
  category: string | null;
  gender: string | null;
  path: string | null;
  /** The color that is scored; null when the item has none. */
  color: KnownColor | null;
  /** What V4's fallback scores and its reasons print: the item's `color` key, which its main scoring never reads. */
  plainColor: KnownColor | null;
}>;

/** Candidates by place: an array, or those of a large catalog, which come to be when they are asked for. */
export type Candidates = Pick<readonly Candidate[], "length" | "at">;

/** The name an answer gives the item: its id, else its path, else `unknown`, as in V4. */
export function toItemId({ id, path }: Candidate): string {
  return id || path || "unknown";
}
