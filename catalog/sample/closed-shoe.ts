import { folds, type Garment, type Piece, type Shape, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { between, pick } from "./seeded-random.js";

/** A leather shoe seen from its side, toe to the left: oxford, loafer, monk, chelsea boot or lace-up boot. */
export const drawClosedShoe: Shape = (variation, paint) => {
  const style = pick(["oxford", "loafer", "chelsea", "monk", "boot", "brogue"], variation.style);
  const tall = style === "chelsea" || style === "boot";
  const nose = between(-4, 10, variation.width);
  const upper = tall ? bootUpper(style, nose, between(92, 62, variation.height), paint) : lowUpper(style, nose, paint);
  return [...upper, ...heeledSole(between(10, 15, variation.length), between(18, 30, variation.height), paint)];
};

function lowUpper(style: string, nose: number, paint: Paint): Garment {
  const rise = style === "loafer" ? 14 : 0;
  const path = closed(
    [338, 256],
    [350, 226, 344, 196, 342, 176],
    [338, 168, 328, 166, 322, 172],
    [304, 190, 278, 192, 256, 172 + rise],
    [246, 158 + rise, 232, 156 + rise, 224, 164 + rise],
    [204, 190, 166, 208, 124, 214 + nose * 0.4],
    [76, 220 + nose, 42, 234 + nose * 0.6, 38, 258],
  );
  const lining = shape(
    closed([226, 164 + rise], [276, 152 + rise * 0.5, 338, 168], [322, 190, 280, 196, 256, 174 + rise]),
    paint.deep,
    paint.line,
  );
  const body: Piece = {
    path,
    inside:
      folds(
        [
          open([128, 220], [156, 232, 186, 226]),
          open([150, 212], [176, 222, 204, 214]),
          open([306, 192], [318, 220, 312, 252]),
        ],
        paint.shade,
        6,
        0.4,
      ) + shine(nose),
  };
  return [lining, body, ...lowDetails(style, paint, rise)];
}

function lowDetails(style: string, paint: Paint, rise: number): Garment {
  const cap = open([112, 216], [134, 232, 128, 258]);
  const counter = open([340, 200], [306, 206, 288, 230, 284, 256]);
  const quarter = open([222, 168 + rise], [210, 204, 226, 232, 232, 256]);
  if (style === "loafer") {
    const saddle: Piece = {
      path: closed([240, 170], [216, 180], [186, 206, 184, 256], [232, 256], [230, 216, 256, 190]),
      inside: "",
    };
    const apron = stroke(
      open([216, 190], [150, 206, 88, 222], [66, 230, 72, 240, 96, 240], [150, 240, 178, 232, 188, 226]),
      paint.line,
      2.2,
    );
    return [
      saddle,
      apron +
        shape(closed([204, 206], [224, 204], [222, 212], [202, 214]), paint.deep, paint.line) +
        stitch(counter, paint.line),
    ];
  }
  if (style === "monk") {
    const strap: Piece = {
      path: closed([262, 176], [222, 166], [186, 206], [176, 222], [190, 232], [226, 222, 268, 196]),
    };
    const buckle = shape(
      closed([182, 212], [200, 206], [206, 222], [188, 229]),
      "none",
      paint.metal,
      'style="stroke-width:3.4"',
    );
    return [stroke(cap, paint.line, 1.5) + stitch(counter, paint.line), strap, buckle];
  }
  const facing: Piece = {
    path: closed([256, 174], [232, 158, 226, 164], [206, 190], [184, 206], [206, 226], [240, 214, 268, 190]),
  };
  const holes =
    style === "brogue"
      ? stroke(open([122, 220], [144, 234, 136, 258]), paint.line, 3.2, 'stroke-dasharray="0.1 6"') +
        stroke(open([330, 208], [304, 214, 294, 236, 292, 256]), paint.line, 3.2, 'stroke-dasharray="0.1 6"')
      : "";
  return [
    stroke(cap, paint.line, 1.8) + stroke(quarter, paint.line, 1.4) + stitch(counter, paint.line) + holes,
    facing,
    laces(
      [
        [206, 200, 222, 212],
        [220, 186, 238, 200],
        [234, 172, 252, 186],
      ],
      paint,
    ),
  ];
}

function bootUpper(style: string, nose: number, top: number, paint: Paint): Garment {
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
  if (style === "chelsea") {
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
    return [lining, { path, inside }, { ...gore, inside: stroke(lines, paint.line, 1, 'opacity="0.5"') }, pull];
  }
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
    lining,
    { path, inside },
    stroke(open([112, 216], [134, 232, 128, 258]), paint.line, 1.8) +
      stitch(open([340, 190], [306, 196, 288, 226, 284, 256]), paint.line),
    facing,
    laces(rows, paint),
  ];
}

function laces(rows: readonly (readonly [number, number, number, number])[], paint: Paint): string {
  return rows
    .map(
      ([x1, y1, x2, y2]) =>
        stroke(open([x1, y1], [x2, y2]), paint.line, 5.4) + stroke(open([x1, y1], [x2, y2]), paint.deep, 3.8),
    )
    .join("");
}

function shine(nose: number): string {
  return `<g filter="url(#soft)" opacity="0.5">${stroke(open([66, 240 + nose * 0.5], [84, 228 + nose, 112, 224 + nose * 0.5]), "#ffffff", 5, 'opacity="0.6"')}</g>`;
}

function heeledSole(thickness: number, heel: number, paint: Paint): Garment {
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
