import type { Bounds, Silhouette } from "./silhouette.js";

/** Where a garment stands in a picture: its anchor point goes to (x, y), turned, scaled and perhaps mirrored. */
export type Placement = Readonly<{
  anchorX: number;
  anchorY: number;
  x: number;
  y: number;
  scale: number;
  /** Clockwise. */
  degrees: number;
  mirrored: boolean;
}>;

export type Frame = Readonly<{ width: number; height: number }>;

/** Turns and shifts of a placement; shifts are shares of the frame, 0 is centered. */
export type Pose = Readonly<{ degrees: number; mirrored: boolean; shiftX: number; shiftY: number }>;

export const uprightPose: Pose = { degrees: 0, mirrored: false, shiftX: 0, shiftY: 0 };

/** The whole garment, as large as fits into `fill` (in (0, 1]) of the frame's width and height. */
export function planFit(bounds: Bounds, frame: Frame, fill: number, pose: Pose): Placement {
  const { left, top, right, bottom } = bounds;
  const scale = Math.min((frame.width * fill) / (right - left), (frame.height * fill) / (bottom - top));
  return place(bounds, frame, scale, pose);
}

/**
 * The garment scaled to cover `coverage` (a share in (0, 1)) of the frame, within about half a percent.
 * Above what fits, the garment runs out of the frame, as a close-up does, around its most solid point.
 */
export function planCoverage(silhouette: Silhouette, frame: Frame, coverage: number, pose: Pose): Placement {
  let best = planFit(silhouette, frame, 0.9, pose);
  let bestError = Math.abs(coveredShare(silhouette, frame, best) - coverage);
  for (let attempt = 0; attempt < 90; attempt++) {
    const scale = 0.3 * 1.045 ** attempt * (frame.width / 400);
    const candidate = place(silhouette, frame, scale, pose, heart(silhouette));
    const error = Math.abs(coveredShare(silhouette, frame, candidate) - coverage);
    if (error < bestError) [best, bestError] = [candidate, error];
  }
  for (const nudge of [0.98, 0.985, 0.99, 0.995, 1.005, 1.01, 1.015, 1.02]) {
    const candidate = { ...best, scale: best.scale * nudge };
    const error = Math.abs(coveredShare(silhouette, frame, candidate) - coverage);
    if (error < bestError) [best, bestError] = [candidate, error];
  }
  return best;
}

/** The share of the frame that the placed garment covers, in [0, 1]. */
function coveredShare(silhouette: Silhouette, frame: Frame, placement: Placement): number {
  const turn = (placement.degrees * Math.PI) / 180;
  const cosine = Math.cos(turn) * placement.scale;
  const sine = Math.sin(turn) * placement.scale;
  const side = placement.mirrored ? -1 : 1;
  let inside = 0;
  for (const [pointX, pointY] of silhouette.points) {
    const dx = (pointX - placement.anchorX) * side;
    const dy = pointY - placement.anchorY;
    const x = placement.x + dx * cosine - dy * sine;
    const y = placement.y + dx * sine + dy * cosine;
    if (x >= 0 && x < frame.width && y >= 0 && y < frame.height) inside++;
  }
  return (inside * silhouette.cell * placement.scale ** 2) / (frame.width * frame.height);
}

/** The placement as an SVG transform. */
export function toTransform(placement: Placement): string {
  const { anchorX, anchorY, x, y, scale, degrees, mirrored } = placement;
  const side = mirrored ? -scale : scale;
  return `translate(${x} ${y}) rotate(${degrees}) scale(${side} ${scale}) translate(${-anchorX} ${-anchorY})`;
}

/** `center` is where a garment that outgrows the frame is looked at instead of at its middle. */
function place(bounds: Bounds, frame: Frame, scale: number, pose: Pose, center?: readonly [number, number]): Placement {
  const { left, top, right, bottom } = bounds;
  const middle = [(left + right) / 2, (top + bottom) / 2] as const;
  const outgrown = Math.max(((right - left) * scale) / frame.width, ((bottom - top) * scale) / frame.height) - 0.9;
  const pull = center === undefined ? 0 : Math.min(1, Math.max(0, outgrown));
  const [centerX, centerY] = center ?? middle;
  return {
    anchorX: middle[0] * (1 - pull) + centerX * pull,
    anchorY: middle[1] * (1 - pull) + centerY * pull,
    x: frame.width * (0.5 + pose.shiftX),
    y: frame.height * (0.5 + pose.shiftY),
    scale,
    degrees: pose.degrees,
    mirrored: pose.mirrored,
  };
}

const hearts = new WeakMap<Silhouette, readonly [number, number]>();

/** The covered point with the most cover around it: among coarse candidates, the one whose neighborhood is fullest. */
function heart(silhouette: Silhouette): readonly [number, number] {
  const known = hearts.get(silhouette);
  if (known !== undefined) return known;
  const centers = silhouette.points.filter(([x, y]) => x % 10 === 0 && y % 10 === 0);
  let best: readonly [number, number] = [200, 200];
  let bestSum = -1;
  for (const center of centers) {
    let sum = 0;
    for (const [x, y] of centers) {
      const apart = Math.hypot(x - center[0], y - center[1]);
      if (apart < 110) sum += 1 - apart / 110;
    }
    if (sum > bestSum) [best, bestSum] = [center, sum];
  }
  hearts.set(silhouette, best);
  return best;
}
