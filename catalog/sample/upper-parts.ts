import { folds, type Piece } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open, symmetric } from "./path.js";

/** Half widths from the middle axis and heights from the top, in view box units. */
export type Torso = Readonly<{
  neck: number;
  neckDepth: number;
  /** True for a V, false for a round neckline. */
  pointed: boolean;
  shoulder: number;
  chest: number;
  waist: number;
  hem: number;
  top: number;
  armpit: number;
  bottom: number;
  /** How much lower than the sides the middle of the hem hangs. */
  tail: number;
}>;

/** Height of the shoulder tip. */
function shoulderHeight(torso: Torso): number {
  return torso.top + 22;
}

/** The body of a top from neckline to hem. */
export function torsoPath(torso: Torso): string {
  const { neck, neckDepth, pointed, shoulder, chest, waist, hem, top, armpit, bottom, tail } = torso;
  const tip = shoulderHeight(torso);
  const middle = (armpit + bottom) / 2;
  return symmetric(
    [200, top + neckDepth],
    pointed
      ? [200 + neck * 0.5, top + neckDepth * 0.55, 200 + neck, top]
      : [200 + neck * 0.72, top + neckDepth, 200 + neck * 0.95, top + neckDepth * 0.6, 200 + neck, top],
    [200 + shoulder * 0.75, top + 10, 200 + shoulder, tip],
    [200 + shoulder - 10, (tip + armpit) / 2, 200 + chest, armpit],
    [200 + chest - 2, armpit + 30, 200 + waist, middle - 20, 200 + waist, middle],
    [200 + waist, middle + 30, 200 + hem, bottom - 30, 200 + hem, bottom],
    [200 + hem * 0.6, bottom + tail, 200 + hem * 0.3, bottom + tail, 200, bottom + tail],
  );
}

/** The inside of the back, seen through the neckline. */
export function backNeck(torso: Torso, paint: Paint): Piece {
  const { neck, neckDepth, top } = torso;
  const path = closed(
    [200 - neck, top],
    [200, top - 9, 200 + neck, top],
    [200 + neck, top + neckDepth, 200, top + neckDepth + 3],
    [200 - neck, top + neckDepth, 200 - neck, top],
  );
  return { path, fill: paint.deep, plain: true };
}

/** The right sleeve. `reach` is its length, `spread` how far it stands off, `cuff` its width at the hand. */
export function sleevePath(torso: Torso, reach: number, spread: number, cuff: number): string {
  const tip = shoulderHeight(torso);
  const end = sleeveEnd(torso, reach, spread, cuff);
  const edge = 200 + torso.shoulder;
  return closed(
    [edge - 22, tip - 9],
    [edge - 6, tip - 6, edge + 4, tip, edge + 9, tip + 16],
    [edge + 14 + spread * 0.25, tip + reach * 0.35, ...end.outer, ...end.outer].slice(0, 6),
    [(end.outer[0] + end.inner[0]) / 2 + 2, (end.outer[1] + end.inner[1]) / 2 + 5, ...end.inner],
    [end.inner[0] - spread * 0.35, between(torso.armpit, end.inner[1], 0.45), 200 + torso.chest - 8, torso.armpit + 14],
    [200 + torso.chest - 26, torso.armpit - 20],
  );
}

/** The two corners of the right sleeve's opening. */
function sleeveEnd(torso: Torso, reach: number, spread: number, cuff: number) {
  const outer = [200 + torso.shoulder + 6 + spread, shoulderHeight(torso) + reach] as const;
  const length = Math.hypot(spread, reach);
  const inner = [outer[0] - (cuff * reach) / length, outer[1] + (cuff * spread) / length] as const;
  return { outer, inner };
}

/** A band of the right sleeve's end, `depth` high: a cuff. */
export function cuffPath(torso: Torso, reach: number, spread: number, cuff: number, depth: number): string {
  const { outer, inner } = sleeveEnd(torso, reach, spread, cuff);
  const length = Math.hypot(spread, reach);
  const x = (-spread / length) * depth;
  const y = (-reach / length) * depth;
  return closed(
    [outer[0] + x + 1, outer[1] + y],
    [outer[0] + 1, outer[1]],
    [(outer[0] + inner[0]) / 2 + 2, (outer[1] + inner[1]) / 2 + 4, inner[0] - 1, inner[1]],
    [inner[0] + x - 1, inner[1] + y],
    [(outer[0] + inner[0]) / 2 + x + 2, (outer[1] + inner[1]) / 2 + y + 4, outer[0] + x + 1, outer[1] + y],
  );
}

/** Folds that a hanging body of cloth has: from the armpits and up from the hem. */
export function torsoFolds(torso: Torso, paint: Paint): string {
  const { chest, armpit, bottom, waist } = torso;
  const side = (direction: 1 | -1) => [
    open(
      [200 + direction * chest, armpit + 4],
      [200 + direction * chest * 0.86, armpit + 14, 200 + direction * chest * 0.7, armpit + 40],
    ),
    open(
      [200 + direction * waist * 0.8, bottom],
      [200 + direction * waist * 0.62, bottom - 60, 200 + direction * waist * 0.78, bottom - 110],
    ),
  ];
  const middle = open([185, bottom + 4], [172, bottom - 40, 180, bottom - 84]);
  return folds([...side(1), ...side(-1), middle], paint.shade);
}

/** Folds along the right sleeve, around the elbow when it has one. */
export function sleeveFolds(torso: Torso, reach: number, spread: number, paint: Paint): string {
  const x = 200 + torso.shoulder;
  const tip = shoulderHeight(torso);
  const elbow = tip + reach * 0.55;
  const paths = [open([x - 16, tip + 24], [x - 8, tip + 60, x - 10, torso.armpit + 10])];
  if (reach > 130) {
    paths.push(
      open([x - 6 + spread * 0.4, elbow], [x + 6 + spread * 0.4, elbow + 10, x + 16 + spread * 0.4, elbow + 4]),
    );
    paths.push(
      open([x - 2 + spread * 0.5, elbow + 20], [x + 6 + spread * 0.6, elbow + 34, x + 8 + spread * 0.6, elbow + 60]),
    );
  }
  return folds(paths, paint.shade, 6, 0.3);
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
