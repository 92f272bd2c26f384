import type { RgbImage } from "./image.js";
import { toOklab } from "./oklab.js";

/**
 * A picture's colors in a few groups: `labels` has one group number a pixel, `centers` is [groups, 3] and
 * `oklab` [pixels, 3], both in OKLab.
 */
export type ColorClusters = Readonly<{ labels: Uint8Array; centers: Float64Array; oklab: Float32Array }>;

/** Points of different weight: [points, 3] in OKLab, and how many pixels each stands for. */
type Points = Readonly<{ positions: Float64Array; weights: Float64Array }>;

/** The groups of photographs and drawings hardly move after the first few rounds. */
const rounds = 8;

/**
 * Weighted k-means in OKLab into at most `count` (1..256) groups.
 * There is no chance in it: the same picture always gives the same groups.
 */
export function clusterColors(image: RgbImage, count: number): ColorClusters {
  const oklab = toOklab(image.pixels);
  const { points, pointOf } = gatherPoints(image.pixels, oklab);
  const centers = seedCenters(points, count);
  const groupOf = new Uint8Array(points.weights.length);
  for (let round = 0; round < rounds; round++) {
    assignPoints(points, centers, groupOf);
    moveCenters(points, groupOf, centers);
  }
  const labels = new Uint8Array(pointOf.length);
  for (let pixel = 0; pixel < labels.length; pixel++) labels[pixel] = groupOf[pointOf[pixel]!]!;
  return { labels, centers, oklab };
}

/** Colors that share their upper five bits move as one point: hundreds of points instead of ten thousand pixels. */
function gatherPoints(pixels: Uint8Array, oklab: Float32Array): { points: Points; pointOf: Int32Array } {
  const pointOfColor = new Int32Array(1 << 15).fill(-1);
  const pointOf = new Int32Array(pixels.length / 3);
  const weights: number[] = [];
  const sums: number[] = [];
  for (let pixel = 0; pixel < pointOf.length; pixel++) {
    const at = pixel * 3;
    const color = ((pixels[at]! >> 3) << 10) | ((pixels[at + 1]! >> 3) << 5) | (pixels[at + 2]! >> 3);
    let point = pointOfColor[color]!;
    if (point < 0) {
      point = weights.push(0) - 1;
      sums.push(0, 0, 0);
      pointOfColor[color] = point;
    }
    weights[point]!++;
    for (let axis = 0; axis < 3; axis++) sums[point * 3 + axis]! += oklab[at + axis]!;
    pointOf[pixel] = point;
  }
  const positions = Float64Array.from(sums, (sum, place) => sum / weights[Math.floor(place / 3)]!);
  return { points: { positions, weights: Float64Array.from(weights) }, pointOf };
}

/** The heaviest point, then again and again the one that the centers so far describe worst. */
function seedCenters({ positions, weights }: Points, count: number): Float64Array {
  const centers: number[] = [];
  const gaps = new Float64Array(weights.length).fill(Number.POSITIVE_INFINITY);
  let next = weights.indexOf(Math.max(...weights));
  while (next >= 0 && centers.length < count * 3) {
    centers.push(...positions.subarray(next * 3, next * 3 + 3));
    const latest = centers.length - 3;
    let worst = 0;
    next = -1;
    for (let point = 0; point < weights.length; point++) {
      gaps[point] = Math.min(gaps[point]!, squaredDistance(positions, point * 3, centers, latest));
      const error = gaps[point]! * weights[point]!;
      if (error > worst) [worst, next] = [error, point];
    }
  }
  return Float64Array.from(centers);
}

function assignPoints({ positions, weights }: Points, centers: Float64Array, groupOf: Uint8Array): void {
  for (let point = 0; point < weights.length; point++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let group = 0; group * 3 < centers.length; group++) {
      const distance = squaredDistance(positions, point * 3, centers, group * 3);
      if (distance < nearest) {
        nearest = distance;
        groupOf[point] = group;
      }
    }
  }
}

/** Each center to the mean of its points; one without points stays where it is. */
function moveCenters({ positions, weights }: Points, groupOf: Uint8Array, centers: Float64Array): void {
  const sums = new Float64Array(centers.length);
  const totals = new Float64Array(centers.length / 3);
  for (let point = 0; point < weights.length; point++) {
    const group = groupOf[point]!;
    totals[group]! += weights[point]!;
    for (let axis = 0; axis < 3; axis++) sums[group * 3 + axis]! += positions[point * 3 + axis]! * weights[point]!;
  }
  for (let place = 0; place < centers.length; place++) {
    const total = totals[Math.floor(place / 3)]!;
    if (total > 0) centers[place] = sums[place]! / total;
  }
}

function squaredDistance(first: Float64Array, at: number, second: ArrayLike<number>, from: number): number {
  const lightness = first[at]! - second[from]!;
  const greenRed = first[at + 1]! - second[from + 1]!;
  const blueYellow = first[at + 2]! - second[from + 2]!;
  return lightness * lightness + greenRed * greenRed + blueYellow * blueYellow;
}
