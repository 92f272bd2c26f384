import { dot, flipped, folds, type Piece, type Shape, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, mirror, open, symmetric } from "./path.js";
import { between, pick } from "./seeded-random.js";

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

const bucket: Shape = (variation, paint) => {
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

const backpack: Shape = (variation, paint) => {
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
  const zip =
    stroke(
      open(
        [200 - half + 12, top + 96],
        [200 - half + 16, top + 24, 200, top + 22],
        [200 + half - 16, top + 24, 200 + half - 12, top + 96],
      ),
      paint.line,
      3,
    ) + stroke(open([200 + half - 12, top + 90], [200 + half - 12, top + 112]), paint.metal, 4);
  const flap = variation.detail > 0.5;
  const cover: Piece = {
    path: symmetric(
      [200, top - 4],
      [200 + half, top - 4, 200 + half + 5, top + 30, 200 + half + 2, top + 96],
      [200 + half * 0.6, top + 118, 200, top + 120],
    ),
  };
  const straps = [-40, 40]
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
  const loop: Piece = { path: band(24, top + 6, top - 30, 9) };
  return [
    loop,
    side,
    { path: mirror(side.path) },
    body,
    ...(flap ? [pocket, cover, straps] : [zip, pocket, dot(200, 244, 3, paint.metal)]),
  ];
};

const clutch: Shape = (variation, paint) => {
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

function handle(half: number, bottom: number, top: number, width: number, fill?: string): Piece {
  const path = band(half, bottom, top, width);
  return fill === undefined ? { path } : { path, fill };
}

/** An arched strap of even width with its feet at `bottom` and its crown at `top`. */
function band(half: number, bottom: number, top: number, width: number): string {
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

function anchors(half: number, y: number, paint: Paint): string {
  const stitched = stitch(
    closed([200 + half - 10, y], [200 + half - 1, y], [200 + half - 1, y + 11], [200 + half - 10, y + 11]),
    paint.line,
  );
  return stitched + flipped(stitched);
}

function rings(half: number, y: number, paint: Paint): string {
  const ring = `<circle cx="${200 + half - 5}" cy="${y}" r="8" fill="none" stroke="${paint.metal}" stroke-width="3.4"/>`;
  return ring + flipped(ring);
}
