import { type Garment, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";

/** Laces from (x1, y1) to (x2, y2) each. */
export function laces(rows: readonly (readonly [number, number, number, number])[], paint: Paint): string {
  return rows
    .map(
      ([x1, y1, x2, y2]) =>
        stroke(open([x1, y1], [x2, y2]), paint.line, 5.4) + stroke(open([x1, y1], [x2, y2]), paint.deep, 3.8),
    )
    .join("");
}

/** The gleam on a toe cap. */
export function shine(nose: number): string {
  return `<g filter="url(#soft)" opacity="0.5">${stroke(open([66, 240 + nose * 0.5], [84, 228 + nose, 112, 224 + nose * 0.5]), "#ffffff", 5, 'opacity="0.6"')}</g>`;
}

/** A leather sole with a low heel. */
export function heeledSole(thickness: number, heel: number, paint: Paint): Garment {
  const leather = "#4a372b";
  const y = 254;
  const ground = y + thickness + heel * 0.7;
  const path = closed(
    [34, y - 2],
    [30, y + thickness - 4, 40, ground, 70, ground],
    [150, ground, 190, ground - 4, 216, y + thickness + 4],
    [236, y + thickness, 246, y + thickness],
    [348, y + thickness],
    [350, y - 2],
    [240, y + 4, 120, y + 4, 34, y - 2],
  );
  const block = closed([256, y + thickness - 2], [346, y + thickness - 2], [344, ground], [264, ground]);
  const welt = stroke(
    open([36, y + 5], [120, y + 10, 240, y + 10, 348, y + 5]),
    paint.trim,
    1,
    'stroke-dasharray="3 3" opacity="0.7"',
  );
  return [
    { path: block, fill: "#3a2b22" },
    { path, fill: leather, inside: welt },
  ];
}
