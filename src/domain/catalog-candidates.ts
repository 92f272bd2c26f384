import type { Candidate, KnownColor } from "./candidate.js";
import type { CatalogItem } from "./catalog.js";
import { toHsl } from "./color.js";
import { v4GenderOfCategory, v5GenderOfCategory } from "./gender.js";
import type { Rgb } from "./image.js";
import type { Profile } from "./profile.js";

type Colored = Readonly<{ palette: CatalogItem["palette"]; meanColor: Rgb | null }>;

/** A color with the hue that ranking compares. */
export function toKnownColor(rgb: Rgb): KnownColor {
  return { rgb, hsl: toHsl(rgb) };
}

/**
 * The color a profile goes by: the largest of the garment's, or in `v4` the mean of the whole picture.
 * @throws RangeError when `v4` asks and the mean was not worked out: a caller's bug.
 */
export function colorOf({ palette, meanColor }: Colored, profile: Profile): KnownColor {
  if (profile === "v5") return { rgb: palette[0].rgb, hsl: palette[0].hsl };
  if (meanColor === null) throw new RangeError("v4 goes by the mean color, and there is none");
  return toKnownColor(meanColor);
}

/** Every item as a profile ranks it, in row order. */
export function toCandidates(items: readonly CatalogItem[], profile: Profile): readonly Candidate[] {
  return items.map((item) => toCandidate(item, profile));
}

/** A gender the catalog does not state follows from the category. */
export function toCandidate(item: CatalogItem, profile: Profile): Candidate {
  const genderOf = profile === "v4" ? v4GenderOfCategory : v5GenderOfCategory;
  const color = colorOf(item, profile);
  const { row, id, category, path } = item;
  return { row, id, category, path, gender: item.gender ?? genderOf(category), color, plainColor: color };
}
