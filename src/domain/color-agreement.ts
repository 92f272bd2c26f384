import type { KnownColor } from "./candidate.js";
import { isNeutral } from "./color.js";
import { type ColorFamily, colorFamilyOf } from "./color-family.js";
import { type Harmony, harmonyOf } from "./color-harmony.js";
import type { Rgb } from "./image.js";
import { toOklab } from "./oklab.js";

/** One photo's color by both rules: V4's mean of the whole picture, and the garment's largest; and what a person calls it. */
export type ColoredPhoto = Readonly<{
  path: string;
  /** Null where nobody asked for it. */
  mean: KnownColor | null;
  dominant: KnownColor;
  label: ColorFamily | null;
}>;

/**
 * How two colors of one garment go together: `both_neutral` and `analogous` mean that the ranking takes them for much the
 * same color; `half_neutral` that one of them goes with everything and the other does not.
 */
export type ColorBucket = "both_neutral" | "half_neutral" | Exclude<Harmony, "neutral" | "unknown">;

/** Of the photos somebody has named the color of; shares in [0, 1]. */
export type LabeledColors = Readonly<{
  photos: number;
  /** The dominant color is of the family that the label names, and the mean is. */
  dominant_right: number;
  mean_right: number | null;
  per_family: Readonly<Record<string, Readonly<{ photos: number; dominant_right: number; mean_right: number | null }>>>;
}>;

type Both = ColoredPhoto & Readonly<{ mean: KnownColor }>;
type Colors = Readonly<{ path: string; mean: Rgb | null; dominant: Rgb; label: ColorFamily | null }>;
type Disagreement = Colors &
  Readonly<{
    mean: Rgb;
    bucket: ColorBucket;
    /** In OKLab, where 0.02 can just be seen. */
    distance: number;
  }>;

export type ColorEvaluation = Readonly<{
  /** With both colors; without any there are no shares. */
  photos: number;
  /** Share in [0, 1] whose two colors the ranking treats much the same. */
  same_bucket: number | null;
  /** Share in [0, 1] whose two colors have the same name. */
  same_family: number | null;
  buckets: Readonly<Record<ColorBucket, number>>;
  labels: LabeledColors | null;
  /** Photos whose dominant color has another name than their label. */
  mislabeled: readonly Colors[];
  /** Photos whose two colors are treated differently, the furthest apart first. */
  worst: readonly Disagreement[];
}>;

/** As many as a page shows at a glance. */
const maxShown = 24;

/** Pure. The order of the photos changes nothing. */
export function evaluateColors(photos: readonly ColoredPhoto[]): ColorEvaluation {
  const both = photos.filter((each): each is Both => each.mean !== null);
  const judged = both.map(toDisagreement).sort((one, other) => {
    return other.distance - one.distance || byPath(one, other);
  });
  const count = (bucket: ColorBucket) => judged.filter((each) => each.bucket === bucket).length;
  const none = both.length === 0;
  return {
    photos: both.length,
    same_bucket: none ? null : shareOf(judged, ({ bucket }) => isAlike(bucket)),
    same_family: none ? null : shareOf(both, ({ mean, dominant }) => familyOf(mean) === familyOf(dominant)),
    buckets: {
      both_neutral: count("both_neutral"),
      analogous: count("analogous"),
      half_neutral: count("half_neutral"),
      triadic: count("triadic"),
      complementary: count("complementary"),
      clashing: count("clashing"),
    },
    labels: evaluateLabels(photos.filter(({ label }) => label !== null)),
    mislabeled: photos
      .filter(({ label, dominant }) => label !== null && familyOf(dominant) !== label)
      .sort(byPath)
      .slice(0, maxShown)
      .map(toColors),
    worst: judged.filter(({ bucket }) => !isAlike(bucket)).slice(0, maxShown),
  };
}

function evaluateLabels(photos: readonly ColoredPhoto[]): LabeledColors | null {
  if (photos.length === 0) return null;
  const families = [...new Set(photos.map(({ label }) => label!))].sort();
  return {
    ...countRight(photos),
    per_family: Object.fromEntries(
      families.map((family) => [family, countRight(photos.filter(({ label }) => label === family))]),
    ),
  };
}

function countRight(photos: readonly ColoredPhoto[]) {
  const both = photos.filter((each): each is Both => each.mean !== null);
  return {
    photos: photos.length,
    dominant_right: shareOf(photos, ({ dominant, label }) => familyOf(dominant) === label),
    mean_right: both.length < photos.length ? null : shareOf(both, ({ mean, label }) => familyOf(mean) === label),
  };
}

function toColors({ path, mean, dominant, label }: ColoredPhoto): Colors {
  return { path, mean: mean?.rgb ?? null, dominant: dominant.rgb, label };
}

function toDisagreement({ path, mean, dominant, label }: Both): Disagreement {
  const distance = Math.round(toDistance(mean.rgb, dominant.rgb) * 1000) / 1000;
  return { path, mean: mean.rgb, dominant: dominant.rgb, label, bucket: toBucket(mean, dominant), distance };
}

function byPath(one: Readonly<{ path: string }>, other: Readonly<{ path: string }>): number {
  return one.path < other.path ? -1 : 1;
}

function toBucket(mean: KnownColor, dominant: KnownColor): ColorBucket {
  const harmony = harmonyOf(mean.hsl, dominant.hsl);
  if (harmony === "neutral") return isNeutral(mean.hsl) && isNeutral(dominant.hsl) ? "both_neutral" : "half_neutral";
  if (harmony === "unknown") throw new RangeError("two known colors have a harmony");
  return harmony;
}

function isAlike(bucket: ColorBucket): boolean {
  return bucket === "both_neutral" || bucket === "analogous";
}

function toDistance(first: Rgb, second: Rgb): number {
  const [l1, a1, b1, l2, a2, b2] = toOklab(Uint8Array.of(...first, ...second));
  return Math.hypot(l1! - l2!, a1! - a2!, b1! - b2!);
}

const familyOf = ({ hsl }: KnownColor) => colorFamilyOf(hsl);

function shareOf<Item>(items: readonly Item[], is: (each: Item) => boolean): number {
  return Math.round((items.filter(is).length / Math.max(1, items.length)) * 10_000) / 10_000;
}
