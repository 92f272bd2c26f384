import { dot, folds, type Garment, type Piece, type Shape, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { between, pick } from "./seeded-random.js";

/** A sneaker seen from its side, toe to the left: low or high, flat, running or chunky sole. */
export const drawSneaker: Shape = (variation, paint) => {
  const sole = pick(["flat", "running", "chunky"], variation.style);
  const lift =
    variation.height > 0.62 ? between(46, 84, (variation.height - 0.62) / 0.38) : between(0, 10, variation.height);
  const nose = between(-6, 6, variation.width);
  return [...upper(lift, nose, paint, variation.detail), ...soleOf(sole, variation.length, paint)];
};

function upper(lift: number, nose: number, paint: Paint, detail: number): Garment {
  const heel = 158 - lift;
  const tongue = 134 - lift;
  const path = closed(
    [342, 256],
    [354, 222, 346, 190, 348 - lift * 0.06, heel + 6],
    [346, heel - 6, 332, heel - 8, 324, heel + 2],
    [306, heel + 18, 280, heel + 14, 262, heel - 2],
    [236, tongue + lift * 0.35 + 22, 226, 170, 190, 190],
    [160, 204, 128, 204 + nose * 0.3, 100, 208 + nose],
    [66, 214 + nose, 48, 232, 48, 258],
  );
  const tonguePiece: Piece = {
    path: closed(
      [262, heel + 4],
      [250, tongue - 6, 236, tongue - 12],
      [222, tongue - 8, 222, tongue + 4],
      [226, 160, 200, 186],
      [240, 190],
    ),
  };
  const lining = shape(
    closed([258, heel + 2], [290, heel - 14, 326, heel + 2], [306, heel + 20, 280, heel + 16, 258, heel + 2]),
    paint.deep,
    paint.line,
  );
  const body: Piece = {
    path,
    inside: folds(
      [
        open([120, 212], [150, 226, 180, 224]),
        open([150, 206], [172, 216, 196, 212]),
        open([300, 190], [316, 214, 312, 246]),
      ],
      paint.shade,
      6,
      0.35,
    ),
  };
  const eyestay = closed(
    [258, heel + 2],
    [266, heel + 16],
    [250, 178, 206, 214],
    [170, 216, 172, 204],
    [200, 190, 226, 172, 258, heel + 2],
  );
  return [
    lining,
    tonguePiece,
    body,
    panels(paint, detail, heel),
    { path: eyestay, inside: stitch(eyestay, paint.line) },
    laces(heel, paint),
  ];
}

function panels(paint: Paint, detail: number, heel: number): string {
  const toe = closed([48, 258], [50, 232, 68, 214, 104, 210], [118, 226, 112, 246, 108, 258]);
  const counter = closed([344, 256], [352, 222, 347, 200, 347, 190], [320, 196, 306, 226, 302, 258]);
  const tab = closed(
    [348, heel + 6],
    [346, heel - 6, 334, heel - 7, 327, heel],
    [334, heel + 20, 338, 190],
    [347, 188],
  );
  const mark = pick(
    [
      shape(closed([196, 246], [250, 246, 304, 196], [262, 238, 214, 226, 196, 246]), paint.trim, paint.line),
      [0, 22, 44]
        .map((x) =>
          shape(closed([204 + x, 240], [226 + x, 198], [236 + x, 198], [214 + x, 240]), paint.trim, paint.line),
        )
        .join(""),
      "",
      dot(318, heel + 46, 15, paint.trim, paint.line) + dot(318, heel + 46, 8, paint.base, paint.line),
    ],
    detail,
  );
  const capped = detail > 0.5 ? paint.trim : paint.shade;
  return `<g>${shape(toe, capped, paint.line, 'opacity="0.55"')}${shape(counter, paint.shade, paint.line, 'opacity="0.55"')}${shape(tab, paint.shade, paint.line, 'opacity="0.7"')}${stitch(open([118, 212], [126, 234, 120, 256]), paint.line)}${mark}</g>`;
}

function laces(heel: number, paint: Paint): string {
  const count = heel < 130 ? 6 : 4;
  return Array.from({ length: count }, (_, step) => {
    const share = step / (count - 1);
    const x = between(186, 252, share ** 0.9);
    const y = between(201, heel + 12, share ** 1.25);
    return (
      stroke(open([x - 12, y - 9], [x, y - 8, x + 10, y + 6]), paint.line, 7.4) +
      stroke(open([x - 12, y - 9], [x, y - 8, x + 10, y + 6]), paint.trim, 5.4)
    );
  }).join("");
}

function soleOf(kind: string, thickness: number, paint: Paint): Garment {
  const deep = between(280, 288, thickness);
  if (kind === "flat") {
    const path = closed(
      [44, 244],
      [42, 262, 40, deep, 58, deep],
      [336, deep],
      [352, deep, 354, 262, 350, 246],
      [300, 256, 120, 256, 44, 244],
    );
    const lines =
      stroke(open([46, 256], [120, 266, 300, 266, 352, 257]), "#8d8a86", 1.6) +
      stroke(open([46, deep - 4], [350, deep - 4]), "#8d8a86", 5, 'opacity="0.5"');
    return [{ path, fill: paint.trim, inside: lines }];
  }
  const chunk = kind === "chunky" ? 14 : 6;
  const path = closed(
    [42, 236],
    [34, 254, 40, deep - 4, 64, deep],
    [150, deep + 3, 200, deep - 6, 230, deep + chunk * 0.5],
    [280, deep + chunk, 330, deep + chunk, 346, deep + chunk * 0.6],
    [366, deep - 10, 362, 256, 354, 236],
    [320, 250 - chunk * 0.4, 290, 250 - chunk, 250, 250],
    [180, 258, 100, 256, 42, 236],
  );
  const wave = stroke(
    open([44, 258], [140, 276, 220, 262, 260, 268], [300, 272, 340, 266, 358, 256]),
    paint.base,
    kind === "chunky" ? 5 : 3.4,
  );
  const grip = stroke(
    open(
      [52, deep - 2],
      [150, deep + 2, 200, deep - 7, 232, deep + chunk * 0.4],
      [280, deep + chunk - 2, 330, deep + chunk - 2, 350, deep + chunk * 0.3],
    ),
    "#6d6a68",
    6,
    'stroke-dasharray="9 3" style="stroke-linecap:butt" opacity="0.75"',
  );
  return [{ path, fill: paint.trim, inside: wave + grip }];
}
