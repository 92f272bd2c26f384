import { anchors, band, handle, rings } from "./bag-parts.js";
import { dot, folds, type Piece, type Shape, shape, stitch, stroke } from "./garment.js";
import { closed, open, symmetric } from "./path.js";
import { between, pick } from "./seeded-random.js";
import { backpack, bucket, clutch } from "./soft-bag.js";

/** A bag: tote, handbag, crossbody, bucket, backpack or clutch, by style. */
export const drawBag: Shape = (variation, paint) => {
  const draw = pick([tote, handbag, crossbody, bucket, backpack, clutch], variation.style);
  return draw(variation, paint);
};

const tote: Shape = (variation, paint) => {
  const top = 168;
  const upper = between(92, 120, variation.width);
  const lower = between(84, 112, variation.flare);
  const bottom = between(330, 362, variation.length);
  const drop = between(84, 128, variation.height);
  const body: Piece = {
    path: symmetric(
      [200, top],
      [200 + upper, top - 2],
      [200 + lower, bottom - 12],
      [200 + lower - 2, bottom, 200 + lower - 16, bottom],
      [200, bottom + 3],
    ),
    inside:
      folds(
        [
          open([150, top + 6], [146, top + 60, 154, bottom - 40]),
          open([254, top + 20], [262, top + 80, 250, bottom]),
          open([200 - lower, bottom - 50], [160, bottom - 30, 150, bottom]),
        ],
        paint.shade,
        9,
        0.35,
      ) + stitch(open([80, top + 12], [320, top + 12]), paint.line),
  };
  const pocket: Piece = {
    path: closed([164, top + 60], [236, top + 60], [234, top + 120], [166, top + 120]),
    inside: stitch(open([164, top + 68], [236, top + 68]), paint.line),
  };
  return [
    handle(46, top + 4, top - drop, 10, paint.shade),
    body,
    handle(52, top + 34, top - drop + 6, 11),
    anchors(52, top + 22, paint),
    ...(variation.detail > 0.5 ? [pocket] : []),
  ];
};

const handbag: Shape = (variation, paint) => {
  const top = 190;
  const upper = between(76, 96, variation.width);
  const lower = between(104, 126, variation.flare);
  const bottom = between(320, 346, variation.length);
  const body: Piece = {
    path: symmetric(
      [200, top],
      [200 + upper - 10, top, 200 + upper, top + 2, 200 + upper + 3, top + 14],
      [200 + lower, bottom - 22],
      [200 + lower + 2, bottom, 200 + lower - 20, bottom],
      [200, bottom + 3],
    ),
    inside: folds(
      [
        open([120, bottom - 16], [200, bottom - 6, 280, bottom - 16]),
        open([290, top + 20], [300, top + 80, 306, bottom]),
      ],
      paint.shade,
      10,
      0.4,
    ),
  };
  const flap: Piece = {
    path: symmetric(
      [200, top - 1],
      [200 + upper - 4, top - 1],
      [200 + upper + 6, top + 40, 200 + upper - 10, top + 62],
      [200 + 40, top + 78, 200, top + 80],
    ),
  };
  const clasp =
    shape(closed([190, top + 66], [210, top + 66], [212, top + 92], [188, top + 92]), paint.metal, paint.line) +
    dot(200, top + 80, 3, paint.line);
  const side = between(upper + 3, lower, 30 / (bottom - top - 36)) - 1;
  const belt = stroke(open([200 - side, top + 44], [200, top + 52, 200 + side, top + 44]), paint.line, 1.6) + clasp;
  const studs =
    dot(200 - lower + 22, bottom - 14, 4, paint.metal, paint.line) +
    dot(200 + lower - 22, bottom - 14, 4, paint.metal, paint.line);
  return [
    handle(44, top + 4, between(126, 92, variation.height), 11),
    body,
    ...(variation.detail > 0.4 ? [flap, clasp] : [belt]),
    rings(44, top + 2, paint) + studs,
  ];
};

const crossbody: Shape = (variation, paint) => {
  const half = between(82, 100, variation.width);
  const top = 214;
  const bottom = between(322, 346, variation.length);
  const strapTop = between(60, 36, variation.height);
  const body: Piece = {
    path: symmetric(
      [200, top],
      [200 + half, top],
      [200 + half + 4, bottom - 30],
      [200 + half + 4, bottom, 200 + half - 24, bottom],
      [200, bottom + 2],
    ),
    inside: folds([open([112, bottom - 14], [200, bottom - 4, 288, bottom - 14])], paint.shade, 10, 0.4),
  };
  const round = variation.flare > 0.5;
  const flap: Piece = {
    path: round
      ? symmetric(
          [200, top - 6],
          [200 + half + 2, top - 6],
          [200 + half + 4, top + 70, 200 + 50, top + 84, 200, top + 84],
        )
      : symmetric([200, top - 6], [200 + half + 3, top - 6], [200 + half + 3, top + 50], [200, top + 86]),
    inside: "",
  };
  const turn =
    shape(closed([188, top + 58], [212, top + 58], [212, top + 76], [188, top + 76]), paint.metal, paint.line) +
    stroke(open([200, top + 62], [200, top + 72]), paint.line, 2.5);
  const chain = variation.detail > 0.6;
  const strap = band(half - 4, top, strapTop, chain ? 5 : 8);
  return [
    { path: strap, fill: chain ? paint.metal : paint.base, plain: chain },
    body,
    { ...flap, inside: stitch(flap.path, paint.line) },
    turn + rings(half - 4, top + 2, paint),
  ];
};
