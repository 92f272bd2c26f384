import { flipped, type Piece, stitch } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed } from "./path.js";

/** Two feet at `bottom` joined by an arch up to `top`, as a piece of the bag. */
export function handle(half: number, bottom: number, top: number, width: number, fill?: string): Piece {
  const path = band(half, bottom, top, width);
  return fill === undefined ? { path } : { path, fill };
}

/** An arched strap of even width with its feet at `bottom` and its crown at `top`. */
export function band(half: number, bottom: number, top: number, width: number): string {
  const arch = (reach: number, crown: number) => [
    [200 - reach, bottom - (bottom - crown) * 0.75, 200 - reach * 0.7, crown, 200, crown],
    [200 + reach * 0.7, crown, 200 + reach, bottom - (bottom - crown) * 0.75, 200 + reach, bottom],
  ];
  const inner = half - width;
  const crown = top + width;
  return closed(
    [200 - half, bottom],
    ...arch(half, top),
    [200 + inner, bottom],
    [200 + inner, bottom - (bottom - crown) * 0.75, 200 + inner * 0.7, crown, 200, crown],
    [200 - inner * 0.7, crown, 200 - inner, bottom - (bottom - crown) * 0.75, 200 - inner, bottom],
  );
}

/** Stitched squares where a handle is sewn on. */
export function anchors(half: number, y: number, paint: Paint): string {
  const stitched = stitch(
    closed([200 + half - 10, y], [200 + half - 1, y], [200 + half - 1, y + 11], [200 + half - 10, y + 11]),
    paint.line,
  );
  return stitched + flipped(stitched);
}

/** Metal rings at the feet of a handle. */
export function rings(half: number, y: number, paint: Paint): string {
  const ring = `<circle cx="${200 + half - 5}" cy="${y}" r="8" fill="none" stroke="${paint.metal}" stroke-width="3.4"/>`;
  return ring + flipped(ring);
}
