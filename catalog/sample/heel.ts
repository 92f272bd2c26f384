import { dot, folds, type Garment, type Shape, shape, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { between, pick } from "./seeded-random.js";

/** A heeled shoe seen from its side, toe to the left: pump, slingback, ankle strap or mule; stiletto to block. */
export const drawHeel: Shape = (variation, paint) => {
  const style = pick(["pump", "ankle", "slingback", "mule", "sandal"], variation.style);
  const rise = between(70, 128, variation.height);
  return [
    ...heel(rise, variation.width, paint),
    ...upper(style, rise, variation.collar, paint),
    ...details(style, rise, variation.detail, paint),
  ];
};

const ground = 312;

function heel(rise: number, width: number, _paint: Paint): Garment {
  const top = ground - rise;
  const foot = between(5, 30, width ** 1.4);
  const path = closed(
    [288, top + 14],
    [312, top + rise * 0.3, 326 - foot, top + rise * 0.55, 328 - foot, ground],
    [336, ground],
    [344, top + rise * 0.4, 346, top + 14],
    [340, top - 8],
  );
  return [
    { path },
    shape(closed([328 - foot, ground - 6], [336, ground - 6], [336, ground + 1], [328 - foot, ground + 1]), "#3a322e"),
  ];
}

function upper(style: string, rise: number, throat: number, paint: Paint): Garment {
  const top = ground - rise;
  const cut = between(128, 158, throat);
  const counter = style === "mule" ? top - 2 : top - 46;
  const closedBack = style === "pump" || style === "ankle";
  const sole = closed(
    [46, ground - 2],
    [60, ground + 5, 110, ground + 6, 140, ground + 2],
    [200, ground - 6, 240, top + 34, 300, top + 14],
    [330, top + 6, 342, top + 8, 346, top + 10],
    [344, top - 2],
    [310, top - 6, 270, top + 10, 230, ground - rise * 0.5],
    [190, ground - 14, 150, ground - 8, 120, ground - 8],
    [46, ground - 8],
  );
  const vamp = closed(
    [44, ground - 4],
    [40, ground - 18, 70, ground - 46, cut - 18, ground - 58],
    [cut, ground - 62, cut + 6, ground - 54, cut + 14, ground - 44],
    closedBack
      ? [cut + 50, ground - 20, 240, top + 10, 300, top - 18]
      : [cut + 34, ground - 26, cut + 50, ground - 30, cut + 62, ground - 24],
    ...(closedBack
      ? [
          [322, top - 30, 334, counter + 4, 342, counter],
          [354, counter + 20, 350, top - 10, 347, top + 10],
        ]
      : []),
    ...(closedBack
      ? [
          [330, top + 4, 310, top + 8, 296, top + 14],
          [240, top + 34, 200, ground - 6, 140, ground - 1],
        ]
      : [[cut + 40, ground - 8, 150, ground - 3, 140, ground - 1]]),
    [110, ground + 2, 60, ground + 1, 44, ground - 4],
  );
  const insole = shape(sole, paint.deep, paint.line);
  const inside =
    folds(
      [
        open([90, ground - 14], [130, ground - 10, 170, ground - 20]),
        open([330, top - 30], [322, top - 10, 330, top + 8]),
      ],
      paint.shade,
      7,
      0.4,
    ) +
    `<g filter="url(#soft)" opacity="0.4">${stroke(open([66, ground - 22], [90, ground - 42, 118, ground - 48]), "#ffffff", 6)}</g>`;
  if (style === "sandal") {
    const bands = [0, 34].map((x) => ({
      path: closed(
        [66 + x, ground - 4],
        [68 + x, ground - 38, 96 + x, ground - 46],
        [114 + x, ground - 44],
        [98 + x, ground - 26, 96 + x, ground - 3],
      ),
    }));
    return [
      { path: sole },
      ...bands,
      { path: closed([318, top + 4], [318, top - 30, 336, top - 52], [346, top - 52], [356, top - 20, 347, top + 6]) },
    ];
  }
  return [{ path: sole, fill: paint.shade }, ...(closedBack ? [] : [insole]), { path: vamp, inside }];
}

function details(style: string, rise: number, detail: number, paint: Paint): Garment {
  const top = ground - rise;
  const parts: string[] = [];
  const strap = (path: string) => stroke(path, paint.line, 9.4) + stroke(path, paint.base, 7.6);
  if (style === "ankle" || style === "sandal") {
    const y = top - 52;
    parts.push(
      strap(open([342, y + 6], [300, y + 10, 262, y - 6], [240, y - 16, 262, y - 22], [310, y - 18, 344, y - 4])),
      dot(256, y - 12, 5, paint.metal, paint.line),
    );
  }
  if (style === "slingback")
    parts.push(
      strap(open([206, ground - 34], [270, top - 8, 338, top - 36], [354, top - 28, 344, top - 2])),
      dot(226, ground - 46, 4.5, paint.metal, paint.line),
    );
  if (detail > 0.6 && style !== "sandal") parts.push(bow(paint, ground));
  else if (detail > 0.4 && style !== "sandal")
    parts.push(
      shape(
        closed([108, ground - 54], [128, ground - 62], [132, ground - 48], [114, ground - 42]),
        "none",
        paint.metal,
        'style="stroke-width:3.4"',
      ),
    );
  return parts;
}

function bow(paint: Paint, y: number): string {
  const wing = (direction: 1 | -1) =>
    shape(
      closed(
        [124, y - 56],
        [124 + direction * 12, y - 76, 124 + direction * 26, y - 64 + direction * 6],
        [124 + direction * 22, y - 46 + direction * 4, 124, y - 56],
      ),
      paint.base,
      paint.line,
    );
  return wing(1) + wing(-1) + dot(124, y - 56, 5, paint.shade, paint.line);
}
