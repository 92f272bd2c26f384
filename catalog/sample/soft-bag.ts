import { band } from "./bag-parts.js";
import { dot, folds, type Piece, type Shape, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, mirror, open, symmetric } from "./path.js";
import { between } from "./seeded-random.js";

/** A round bag drawn together by a cord. */
export const bucket: Shape = (variation, paint) => {
  const top = 160;
  const half = between(80, 96, variation.width);
  const base = half - between(2, 14, variation.flare);
  const bottom = between(326, 352, variation.length);
  const mouth = shape(
    closed([200 - half, top], [200, top - 26, 200 + half, top], [200, top + 26, 200 - half, top]),
    paint.deep,
    paint.line,
  );
  const pleats = [-0.7, -0.35, 0, 0.35, 0.7].map((share) =>
    open([200 + share * half, top + 12], [200 + share * half * 1.05, top + 50, 200 + share * half * 0.98, top + 92]),
  );
  const body: Piece = {
    path: symmetric(
      [200, top + 14],
      [200 + half * 0.6, top + 12, 200 + half, top],
      [200 + half + 6, top + 90, 200 + base + 4, bottom - 14],
      [200 + base, bottom, 200 + base - 30, bottom + 4, 200, bottom + 6],
    ),
    inside: folds(pleats, paint.shade, 9, 0.4),
  };
  const foot: Piece = {
    path: symmetric(
      [200, bottom - 30],
      [200 + base * 0.6, bottom - 32, 200 + base + 5, bottom - 42],
      [200 + base + 4, bottom - 14],
      [200 + base, bottom, 200 + base - 30, bottom + 4, 200, bottom + 6],
    ),
    inside: `<rect width="400" height="400" fill="${paint.shade}" opacity="0.3"/>`,
  };
  const cord =
    stroke(open([200 - half + 2, top + 36], [200, top + 62, 200 + half - 2, top + 36]), paint.trim, 4) +
    stroke(open([196, top + 50], [184, top + 80, 190, top + 112]), paint.trim, 4) +
    stroke(open([204, top + 50], [216, top + 80, 212, top + 104]), paint.trim, 4) +
    dot(190, top + 114, 5, paint.metal, paint.line) +
    dot(212, top + 106, 5, paint.metal, paint.line);
  return [{ path: band(half - 12, top + 2, between(66, 40, variation.height), 9) }, mouth, body, foot, cord];
};

/** A backpack, with a cover or a zip. */
export const backpack: Shape = (variation, paint) => {
  const half = between(84, 98, variation.width);
  const top = between(84, 66, variation.height);
  const bottom = 350;
  const body: Piece = {
    path: symmetric(
      [200, top],
      [200 + half * 0.9, top, 200 + half, top + 40, 200 + half, top + 90],
      [200 + half + 4, bottom - 30],
      [200 + half + 4, bottom, 200 + half - 30, bottom],
      [200, bottom + 3],
    ),
    inside: folds(
      [open([200 - half, 200], [140, 216, 130, 260]), open([280, 170], [286, 240, 276, 330])],
      paint.shade,
      10,
      0.35,
    ),
  };
  const pocket: Piece = {
    path: symmetric(
      [200, 222],
      [200 + half - 26, 222, 200 + half - 18, 226, 200 + half - 18, 240],
      [200 + half - 16, bottom - 26],
      [200 + half - 18, bottom - 12, 200 + half - 34, bottom - 12],
      [200, bottom - 10],
    ),
    inside: stitch(open([120, 244], [280, 244]), paint.line),
  };
  const side: Piece = {
    path: closed(
      [200 + half - 4, 244],
      [200 + half + 22, 256, 200 + half + 20, bottom - 16],
      [200 + half + 2, bottom - 6],
    ),
  };
  const flap = variation.detail > 0.5;
  const cover: Piece = {
    path: symmetric(
      [200, top - 4],
      [200 + half, top - 4, 200 + half + 5, top + 30, 200 + half + 2, top + 96],
      [200 + half * 0.6, top + 118, 200, top + 120],
    ),
  };
  const loop: Piece = { path: band(24, top + 6, top - 30, 9) };
  return [
    loop,
    side,
    { path: mirror(side.path) },
    body,
    ...(flap
      ? [pocket, cover, buckledStraps(top, paint)]
      : [archedZip(half, top, paint), pocket, dot(200, 244, 3, paint.metal)]),
  ];
};

function archedZip(half: number, top: number, paint: Paint): string {
  return (
    stroke(
      open(
        [200 - half + 12, top + 96],
        [200 - half + 16, top + 24, 200, top + 22],
        [200 + half - 16, top + 24, 200 + half - 12, top + 96],
      ),
      paint.line,
      3,
    ) + stroke(open([200 + half - 12, top + 90], [200 + half - 12, top + 112]), paint.metal, 4)
  );
}

function buckledStraps(top: number, paint: Paint): string {
  return [-40, 40]
    .map(
      (x) =>
        shape(
          closed([193 + x, top + 80], [207 + x, top + 80], [207 + x, top + 168], [193 + x, top + 168]),
          paint.shade,
          paint.line,
        ) +
        shape(
          closed([190 + x, top + 136], [210 + x, top + 136], [210 + x, top + 152], [190 + x, top + 152]),
          "none",
          paint.metal,
          'style="stroke-width:3"',
        ),
    )
    .join("");
}

/** A flat bag without a handle, seldom with a wrist strap. */
export const clutch: Shape = (variation, paint) => {
  const half = between(126, 146, variation.width);
  const top = between(156, 140, variation.height);
  const bottom = between(286, 306, variation.length);
  const body: Piece = {
    path: symmetric(
      [200, top],
      [200 + half - 10, top, 200 + half, top + 4, 200 + half, top + 14],
      [200 + half, bottom - 14],
      [200 + half, bottom, 200 + half - 14, bottom],
      [200, bottom + 1],
    ),
    inside: folds([open([70, bottom - 14], [200, bottom - 6, 330, bottom - 14])], paint.shade, 9, 0.4),
  };
  const flap: Piece = {
    path:
      variation.flare > 0.5
        ? symmetric([200, top - 4], [200 + half + 1, top - 4], [200 + half - 4, top + 10], [200, top + 102])
        : symmetric([200, top - 4], [200 + half + 1, top - 4], [200 + half + 1, top + 70], [200, top + 74]),
  };
  const y = variation.flare > 0.5 ? top + 88 : top + 66;
  const wrist =
    variation.detail > 0.5
      ? [
          stroke(
            open(
              [200 + half - 4, top + 24],
              [200 + half + 34, top + 80, 200 + half + 10, top + 140],
              [200 + half - 8, top + 110, 200 + half - 6, top + 30],
            ),
            paint.line,
            7,
          ) +
            stroke(
              open(
                [200 + half - 4, top + 24],
                [200 + half + 34, top + 80, 200 + half + 10, top + 140],
                [200 + half - 8, top + 110, 200 + half - 6, top + 30],
              ),
              paint.base,
              5.4,
            ),
        ]
      : [];
  return [...wrist, body, { ...flap, inside: stitch(flap.path, paint.line) }, dot(200, y, 8, paint.metal, paint.line)];
};
