import { dot, folds, type Piece, type Shape, shape, stitch, stroke } from "./garment.js";
import { closed, open, symmetric } from "./path.js";
import { between } from "./seeded-random.js";

/** A knitted cap with a fold, perhaps a pompon. */
export const beanie: Shape = (variation, paint) => {
  const top = between(110, 78, variation.height);
  const fold = between(42, 64, variation.flare);
  const bottom = 304;
  const half = 104;
  const body: Piece = {
    path: symmetric(
      [200, top],
      [250, top, 200 + half - 4, 150, 200 + half, bottom - fold + 8],
      [200, bottom - fold + 16],
    ),
    inside:
      knit(paint.line, top, bottom, 0.35) +
      folds([open([150, 140], [140, 190, 144, 240]), open([250, 130], [266, 190, 260, 240])], paint.shade, 10, 0.35),
  };
  const cuff: Piece = {
    path: symmetric(
      [200, bottom - fold],
      [250, bottom - fold, 280, bottom - fold - 2, 200 + half + 4, bottom - fold - 8],
      [200 + half + 8, bottom - fold, 200 + half + 8, bottom - 10, 200 + half, bottom - 2],
      [270, bottom + 6, 230, bottom + 8, 200, bottom + 8],
    ),
    inside: knit(paint.line, bottom - fold - 20, bottom + 10, 0.5),
  };
  const ball = Array.from({ length: 26 }, (_, step) =>
    stroke(
      open([200, top - 18], [200 + Math.cos(step * 0.2417) * 32, top - 18 + Math.sin(step * 0.2417) * 32]),
      step % 2 === 0 ? paint.light : paint.shade,
      6,
    ),
  ).join("");
  const pompon: Piece = {
    path: symmetric(
      [200, top - 52],
      [220, top - 52, 236, top - 38, 236, top - 18],
      [236, top + 2, 220, top + 14, 200, top + 14],
    ),
    fill: paint.base,
    inside: `<g opacity="0.5">${ball}</g>`,
  };
  const label = shape(
    closed(
      [178, bottom - fold * 0.7],
      [222, bottom - fold * 0.7],
      [222, bottom - fold * 0.25],
      [178, bottom - fold * 0.25],
    ),
    paint.trim,
    paint.line,
  );
  return [
    ...(variation.detail > 0.5 ? [pompon] : []),
    body,
    cuff,
    ...(variation.detail > 0.25 && variation.detail < 0.75 ? [label] : []),
  ];
};

/** A cloth hat with a sloping brim. */
export const bucketHat: Shape = (variation, paint) => {
  const top = between(118, 104, variation.height);
  const brim = between(124, 142, variation.width);
  const seam = 214;
  const crown: Piece = {
    path: symmetric(
      [200, top],
      [250, top, 268, top + 2, 272, top + 14],
      [282, seam + 6],
      [240, seam + 18, 200, seam + 18],
    ),
    inside:
      folds(
        [open([150, top + 20], [146, 170, 140, seam]), open([252, top + 20], [262, 170, 262, seam])],
        paint.shade,
        9,
        0.35,
      ) + stroke(open([128, top + 16], [200, top + 30, 272, top + 16]), paint.line, 1.3),
  };
  const edge: Piece = {
    path: symmetric(
      [200, seam + 10],
      [240, seam + 10, 282, seam],
      [200 + brim, seam + 66],
      [290, seam + 104, 240, seam + 98, 200, seam + 98],
    ),
    inside: [22, 40, 58, 76]
      .map((down) => stitch(open([70, seam + down - 22], [200, seam + down + 22, 330, seam + down - 22]), paint.line))
      .join(""),
  };
  return [crown, edge, dot(146, 176, 3.4, paint.deep) + dot(158, 180, 3.4, paint.deep)];
};

function knit(color: string, top: number, bottom: number, opacity: number): string {
  const lines = Array.from({ length: 30 }, (_, step) => {
    const x = 86 + step * 8;
    return open([200 + (x - 200) * 0.55, top], [x, (top + bottom) / 2 - 20, x, bottom]);
  }).join("");
  return stroke(lines, color, 1.8, `opacity="${opacity}"`);
}
