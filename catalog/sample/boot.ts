import { folds, type Garment, type Piece, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { laces, shine } from "./shoe-parts.js";

/** All of a chelsea or lace-up boot above its sole; `top` is the height of its shaft. */
export function bootUpper(style: string, nose: number, top: number, paint: Paint): Garment {
  const path = closed(
    [338, 256],
    [352, 226, 340, 190, 342, 160],
    [344, 130, 342, top + 20, 340, top],
    [300, top + 8, 250, top + 8, 222, top - 2],
    [222, 120, 232, 150, 214, 176],
    [194, 198, 160, 208, 124, 214 + nose * 0.4],
    [76, 220 + nose, 42, 234 + nose * 0.6, 38, 258],
  );
  const lining = shape(
    closed([222, top - 2], [280, top - 14, 340, top], [280, top + 16, 222, top - 2]),
    paint.deep,
    paint.line,
  );
  const inside =
    folds(
      [
        open([216, 178], [246, 196, 268, 186]),
        open([204, 190], [230, 210, 262, 206]),
        open([330, 150], [316, 200, 322, 240]),
        open([130, 220], [160, 232, 190, 224]),
      ],
      paint.shade,
      7,
      0.4,
    ) + shine(nose);
  const upper: Piece = { path, inside };
  return style === "chelsea" ? [lining, upper, ...elastic(top, paint)] : [lining, upper, ...lacing(top, paint)];
}

/** A chelsea boot's elastic side and the pull at its back. */
function elastic(top: number, paint: Paint): Garment {
  const gore: Piece = {
    path: closed([262, top + 5], [308, top + 4], [302, 150, 288, 186], [270, 150, 262, top + 5]),
    fill: paint.deep,
  };
  const lines = Array.from({ length: 11 }, (_, step) => `M${262 + step * 4.4} ${top}L${266 + step * 4} 190`).join("");
  const pull = shape(
    closed([334, top + 16], [332, top - 16], [344, top - 16], [344, top + 16]),
    paint.shade,
    paint.line,
  );
  return [{ ...gore, inside: stroke(lines, paint.line, 1, 'opacity="0.5"') }, pull];
}

/** A lace-up boot's seams, facing and laces. */
function lacing(top: number, paint: Paint): Garment {
  const facing: Piece = {
    path: closed(
      [222, top],
      [252, top + 5],
      [256, 140, 246, 176],
      [226, 210, 190, 222],
      [176, 214, 178, 206],
      [232, 170, 222, top],
    ),
  };
  const rows: [number, number, number, number][] = [];
  for (let y = top + 14; y < 172; y += 17) rows.push([220 + (y > 150 ? -4 : 2), y, 246, y + 4]);
  rows.push([204, 188, 226, 198]);
  return [
    stroke(open([112, 216], [134, 232, 128, 258]), paint.line, 1.8) +
      stitch(open([340, 190], [306, 196, 288, 226, 284, 256]), paint.line),
    facing,
    laces(rows, paint),
  ];
}
