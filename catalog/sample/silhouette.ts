import type { Garment } from "./garment.js";
import { parsePath } from "./path.js";

/** The edges of a garment, in view box units. */
export type Bounds = Readonly<{ left: number; top: number; right: number; bottom: number }>;

/** Points spread evenly over a garment, each standing for `cell` square units of the view box. */
export type Silhouette = Bounds & Readonly<{ points: readonly (readonly [x: number, y: number])[]; cell: number }>;

/** Fine enough for a close-up: four times as large, a step is a hundredth of the picture. */
const step = 1.25;
const curveSteps = 12;

/** The edges of the garment's pieces. */
export function toBounds(garment: Garment): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of outlinesOf(garment).flat()) {
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return { left, top, right, bottom };
}

/** Where the garment's pieces are, sampled on a grid. */
export function toSilhouette(garment: Garment): Silhouette {
  const covered = new Map<number, readonly [number, number]>();
  for (const outline of outlinesOf(garment)) {
    for (const point of pointsInside(outline)) covered.set(point[1] * 1000 + point[0], point);
  }
  return { points: [...covered.values()], cell: step * step, ...toBounds(garment) };
}

function outlinesOf(garment: Garment): [number, number][][] {
  return garment.flatMap((part) => (typeof part === "string" ? [] : [flatten(part.path)]));
}

/** The outline of a closed path as a polygon. */
function flatten(path: string): [number, number][] {
  const points: [number, number][] = [];
  for (const { letter, values } of parsePath(path)) {
    if (letter === "M" || letter === "L") points.push([values[0]!, values[1]!]);
    else if (letter === "Q" || letter === "C") points.push(...curve(points.at(-1)!, values));
  }
  return points;
}

function curve([startX, startY]: readonly [number, number], values: readonly number[]): [number, number][] {
  const xs = [startX, ...values.filter((_, index) => index % 2 === 0)];
  const ys = [startY, ...values.filter((_, index) => index % 2 === 1)];
  return Array.from({ length: curveSteps }, (_, index) => {
    const share = (index + 1) / curveSteps;
    return [bezier(xs, share), bezier(ys, share)];
  });
}

/** De Casteljau's construction. */
function bezier(values: readonly number[], share: number): number {
  if (values.length === 1) return values[0]!;
  const between = values.slice(1).map((value, index) => values[index]! + (value - values[index]!) * share);
  return bezier(between, share);
}

/** Grid points inside a polygon by the nonzero rule, which SVG fills by. */
function* pointsInside(outline: readonly (readonly [number, number])[]): Generator<readonly [number, number]> {
  const ys = outline.map(([, y]) => y);
  for (let y = Math.floor(Math.min(...ys) / step) * step; y <= Math.max(...ys); y += step) {
    const crossings: { x: number; turn: number }[] = [];
    for (let index = 0; index < outline.length; index++) {
      const [x1, y1] = outline[index]!;
      const [x2, y2] = outline[(index + 1) % outline.length]!;
      if (y1 <= y !== y2 <= y) crossings.push({ x: x1 + ((y - y1) / (y2 - y1)) * (x2 - x1), turn: y2 > y1 ? 1 : -1 });
    }
    crossings.sort((first, second) => first.x - second.x);
    let winding = 0;
    for (let index = 0; index + 1 < crossings.length; index++) {
      winding += crossings[index]!.turn;
      if (winding === 0) continue;
      const end = crossings[index + 1]!.x;
      for (let x = Math.ceil(crossings[index]!.x / step) * step; x < end; x += step) yield [x, y];
    }
  }
}
