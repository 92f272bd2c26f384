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
  const cut = between(128, 152, throat);
  const sole = solePath(rise);
  const closedBack = style === "pump" || style === "ankle";
  const vamp = closedBack ? closedVamp(rise, cut) : openVamp(cut);
  const insole = shape(sole, paint.deep, paint.line);
  const inside =
    folds(
      [
        open([84, ground - 8], [130, ground - 4, 176, ground - 14]),
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

/** From the toe along the arch to the heel's seat: an S that the foot stands on. */
function solePath(rise: number): string {
  const top = ground - rise;
  return closed(
    [46, ground - 1],
    [70, ground + 5, 120, ground + 5, 148, ground + 2],
    [206, ground - 4, 236, top + 30, 296, top + 14],
    [320, top + 8, 340, top + 8, 347, top + 11],
    [345, top - 2],
    [312, top - 6, 276, top + 6, 238, ground - rise * 0.56],
    [204, ground - rise * 0.14, 168, ground - 8, 120, ground - 8],
    [46, ground - 8],
  );
}

/** A pump's upper: low at the toe, its topline one slow curve from the throat up to the heel. */
function closedVamp(rise: number, cut: number): string {
  const top = ground - rise;
  return closed(
    [42, ground - 5],
    [44, ground - 22, 84, ground - 46, cut - 12, ground - 58],
    [cut - 2, ground - 61, cut + 5, ground - 58, cut + 13, ground - 49],
    [cut + 42, ground - 22, 246, top - 8, 326, top - 47],
    [336, top - 52, 345, top - 50, 347, top - 42],
    [354, top - 22, 350, top - 6, 347, top + 11],
    [330, top + 6, 312, top + 9, 296, top + 14],
    [236, top + 30, 206, ground - 4, 148, ground],
    [112, ground + 2, 62, ground + 1, 42, ground - 5],
  );
}

/** The toe alone, for shoes that leave the heel free. */
function openVamp(cut: number): string {
  return closed(
    [42, ground - 5],
    [44, ground - 22, 84, ground - 48, cut - 12, ground - 62],
    [cut, ground - 66, cut + 8, ground - 60, cut + 16, ground - 50],
    [cut + 32, ground - 34, cut + 44, ground - 24, cut + 56, ground - 14],
    [cut + 34, ground - 5, 160, ground - 1, 148, ground],
    [112, ground + 2, 62, ground + 1, 42, ground - 5],
  );
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
      strap(open([186, ground - 30], [250, top + 6, 336, top - 34], [352, top - 28, 345, top + 2])),
      dot(206, ground - 42, 4.5, paint.metal, paint.line),
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
