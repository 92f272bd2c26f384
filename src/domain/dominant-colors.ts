import { findGarment } from "./background.js";
import { type Swatch, toSwatch } from "./color.js";
import { type ColorClusters, clusterColors } from "./color-clusters.js";
import { joinSmoothGroups } from "./color-regions.js";
import type { Rgb, RgbImage } from "./image.js";
import { countInside, type Mask, withoutEdge } from "./mask.js";

/** Enough groups to keep a garment apart from a busy background; between ten and thirty it makes no difference. */
const groupCount = 16;

/** Groups nearer than this in OKLab are one color in different light. */
const sameColor = 0.06;

/** Folds and shadows change lightness more than hue, so lightness counts less when groups are joined. */
const lightnessWeight = 0.5;

/** A cut-out that leaves less than this is taken for a flaw of the file. */
const minOpaqueShare = 0.02;

/**
 * The garment's main colors, largest share of the garment first, at most `count` of them; made for small pictures
 * (a `ColorView`). The garment is what is opaque, where `opaque` (one byte a pixel, 1 or 0) cuts something out, and
 * otherwise what differs from the background.
 * Pure and total: the same picture gives the same colors, and every picture has at least one.
 */
export function dominantColors(
  image: RgbImage,
  count: number,
  opaque: Uint8Array | null = null,
): readonly [Swatch, ...Swatch[]] {
  const clusters = clusterColors(image, groupCount);
  const garment = cutOut(image, opaque) ?? standOut(image, clusters);
  const shades = joinShades(toShades(image, clusters, garment));
  const [first, ...others] = shades.sort((one, other) => other.pixels - one.pixels).slice(0, count);
  const garmentPixels = countInside(garment);
  const swatch = (shade: Shade) => toSwatch(shade.rgb, shade.pixels / garmentPixels);
  return [swatch(first!), ...others.map(swatch)];
}

/** The opaque part, if the picture is a cut-out at all. */
function cutOut({ width, height }: RgbImage, opaque: Uint8Array | null): Mask | null {
  if (opaque === null) return null;
  const mask = { width, height, inside: opaque };
  const seen = countInside(mask);
  return seen === opaque.length || seen < minOpaqueShare * opaque.length ? null : withoutEdge(mask);
}

/** What differs from the background. */
function standOut({ width, height }: RgbImage, clusters: ColorClusters): Mask {
  const regionOf = joinSmoothGroups(clusters, width);
  const regions = clusters.labels.map((group) => regionOf[group]!);
  return findGarment({ width, height, regions });
}

/** One color of the garment: its mean in OKLab and, of its largest group of pixels, in 8-bit sRGB. */
type Shade = Readonly<{ oklab: readonly [number, number, number]; rgb: Rgb; pixels: number; largest: number }>;

/** One shade per group that the garment has pixels of. */
function toShades(image: RgbImage, { labels, centers, oklab }: ColorClusters, garment: Mask): Shade[] {
  const pixels = new Float64Array(centers.length / 3);
  const oklabSums = new Float64Array(centers.length);
  const rgbSums = new Float64Array(centers.length);
  for (let place = 0; place < labels.length; place++) {
    if (garment.inside[place] === 0) continue;
    const group = labels[place]!;
    pixels[group]!++;
    for (let axis = 0; axis < 3; axis++) {
      oklabSums[group * 3 + axis]! += oklab[place * 3 + axis]!;
      rgbSums[group * 3 + axis]! += image.pixels[place * 3 + axis]!;
    }
  }
  const toShade = (group: number): Shade => {
    const mean = (sums: Float64Array, axis: number) => sums[group * 3 + axis]! / pixels[group]!;
    const channel = (axis: number) => Math.round(mean(rgbSums, axis));
    return {
      oklab: [mean(oklabSums, 0), mean(oklabSums, 1), mean(oklabSums, 2)],
      rgb: [channel(0), channel(1), channel(2)],
      pixels: pixels[group]!,
      largest: pixels[group]!,
    };
  };
  return [...pixels.keys()].filter((group) => pixels[group]! > 0).map(toShade);
}

/** Joins the two nearest shades until no two are the same color. A joined shade looks like its larger group, lit as it is. */
function joinShades(shades: Shade[]): Shade[] {
  for (;;) {
    let nearest = sameColor;
    let pair: readonly [number, number] | null = null;
    for (let first = 0; first < shades.length; first++) {
      for (let second = first + 1; second < shades.length; second++) {
        const distance = shadeDistance(shades[first]!, shades[second]!);
        if (distance < nearest) [nearest, pair] = [distance, [first, second]];
      }
    }
    if (pair === null) return shades;
    const [kept, gone] = pair;
    shades[kept] = join(shades[kept]!, shades[gone]!);
    shades.splice(gone, 1);
  }
}

function shadeDistance({ oklab: first }: Shade, { oklab: second }: Shade): number {
  return Math.hypot(lightnessWeight * (first[0] - second[0]), first[1] - second[1], first[2] - second[2]);
}

function join(first: Shade, second: Shade): Shade {
  const pixels = first.pixels + second.pixels;
  const mean = (axis: 0 | 1 | 2) => (first.oklab[axis] * first.pixels + second.oklab[axis] * second.pixels) / pixels;
  const { rgb, largest } = first.largest >= second.largest ? first : second;
  return { oklab: [mean(0), mean(1), mean(2)], rgb, pixels, largest };
}
