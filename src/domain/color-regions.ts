import type { ColorClusters } from "./color-clusters.js";

/** A mean step across the border of two groups below this, in OKLab, is one surface in changing light: just not seen. */
const smoothStep = 0.02;

/** Groups that touch along less than this share of the shorter one's outline are not one surface. */
const minTouch = 0.25;

/**
 * Per group, the region it belongs to: groups are joined where one passes smoothly into the other, as the bands
 * of a gradient or a shadow do. A garment's outline is a jump, so garment and background stay apart.
 */
export function joinSmoothGroups(clusters: ColorClusters, width: number): Uint8Array {
  const groups = clusters.centers.length / 3;
  const { steps, touches } = measureBorders(clusters, width, groups);
  const outlines = Array.from({ length: groups }, (_, group) =>
    sum(touches.subarray(group * groups, (group + 1) * groups)),
  );
  const regionOf = Uint8Array.from({ length: groups }, (_, group) => group);
  for (let first = 0; first < groups; first++) {
    for (let second = first + 1; second < groups; second++) {
      const touching = touches[first * groups + second]!;
      const meanStep = steps[first * groups + second]! / touching;
      const isSmooth = touching > 0 && meanStep < smoothStep;
      if (!isSmooth || touching < minTouch * Math.min(outlines[first]!, outlines[second]!)) continue;
      const [kept, gone] = [regionOf[first]!, regionOf[second]!];
      for (let group = 0; group < groups; group++) if (regionOf[group] === gone) regionOf[group] = kept;
    }
  }
  return regionOf;
}

/** For each pair of groups, [groups, groups] and symmetric: the pairs of neighboring pixels, and the sum of their steps. */
type Borders = Readonly<{ steps: Float64Array; touches: Float64Array }>;

function measureBorders({ labels, oklab }: ColorClusters, width: number, groups: number): Borders {
  const steps = new Float64Array(groups * groups);
  const touches = new Float64Array(groups * groups);
  const measure = (place: number, neighbor: number) => {
    const first = labels[place]!;
    const second = labels[neighbor]!;
    if (first === second) return;
    const step = pixelDistance(oklab, place * 3, neighbor * 3);
    steps[first * groups + second]! += step;
    steps[second * groups + first]! += step;
    touches[first * groups + second]!++;
    touches[second * groups + first]!++;
  };
  for (let place = 0; place < labels.length; place++) {
    if ((place + 1) % width !== 0) measure(place, place + 1);
    if (place + width < labels.length) measure(place, place + width);
  }
  return { steps, touches };
}

function pixelDistance(oklab: Float32Array, first: number, second: number): number {
  const lightness = oklab[first]! - oklab[second]!;
  const greenRed = oklab[first + 1]! - oklab[second + 1]!;
  const blueYellow = oklab[first + 2]! - oklab[second + 2]!;
  return Math.sqrt(lightness * lightness + greenRed * greenRed + blueYellow * blueYellow);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
