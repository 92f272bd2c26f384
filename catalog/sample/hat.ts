import { dot, folds, type Piece, type Shape, shape, stitch, stroke } from "./garment.js";
import { closed, open, symmetric } from "./path.js";
import { between, pick } from "./seeded-random.js";
import { beanie, bucketHat } from "./soft-hat.js";

/** A hat: fedora, cap, beanie, bucket or sun hat, by style. */
export const drawHat: Shape = (variation, paint) =>
  pick([fedora, cap, beanie, bucketHat, sunHat], variation.style)(variation, paint);

const fedora: Shape = (variation, paint) => {
  const brim = between(132, 164, variation.width);
  const crown = between(96, 74, variation.height);
  const y = 248;
  const under: Piece = {
    path: symmetric(
      [200, y - 16],
      [200 + 70, y - 18, 200 + brim - 6, y - 22, 200 + brim, y - 6],
      [200 + brim - 20, y + 28, 200 + 60, y + 34, 200, y + 34],
    ),
    inside: folds([open([60, y + 8], [200, y + 40, 340, y + 8])], paint.shade, 12, 0.4),
  };
  const top: Piece = {
    path: symmetric(
      [200, crown + 16],
      [214, crown + 4, 236, crown - 4, 250, crown + 6],
      [276, crown + 26, 282, 180, 290, y - 4],
      [262, y + 12, 230, y + 14, 200, y + 14],
    ),
    inside: folds(
      [
        open([200, crown + 16], [194, crown + 50, 198, crown + 90]),
        open([152, crown + 30], [160, crown + 60, 152, crown + 84]),
        open([250, crown + 30], [240, crown + 60, 250, crown + 90]),
      ],
      paint.shade,
      10,
      0.45,
    ),
  };
  const ribbon: Piece = {
    path: symmetric(
      [200, y - 20],
      [232, y - 20, 262, y - 22, 285, y - 38],
      [290, y - 6],
      [262, y + 12, 230, y + 14, 200, y + 14],
    ),
    fill: variation.detail > 0.5 ? paint.deep : "#3c3531",
  };
  const bow = shape(closed([122, y - 32], [144, y - 22], [144, y + 8], [120, y]), paint.deep, paint.line);
  return [under, top, ribbon, bow];
};

const cap: Shape = (variation, paint) => {
  const crown = between(104, 86, variation.height);
  const visor = between(66, 96, variation.width);
  const y = 236;
  const dome: Piece = {
    path: closed(
      [120, y],
      [112, 150, 150, crown, 220, crown],
      [292, crown, 326, 160, 326, y + 4],
      [300, y + 16, 180, y + 14, 120, y],
    ),
    inside:
      folds(
        [open([180, y], [176, 160, 206, crown + 14]), open([270, y], [284, 170, 250, crown + 20])],
        paint.shade,
        10,
        0.35,
      ) +
      stroke(open([196, y + 8], [178, 150, 220, crown]), paint.line, 1.3) +
      stroke(open([278, y + 8], [290, 160, 222, crown]), paint.line, 1.3),
  };
  const bill: Piece = {
    path: closed(
      [122, y - 12],
      [70, y - 8, 122 - visor - 10, y + 14, 122 - visor, y + 34],
      [112 - visor * 0.5, y + 50, 190, y + 30, 254, y + 10],
      [200, y + 10, 160, y + 4, 122, y - 12],
    ),
    inside:
      stitch(open([130, y + 4], [80, y + 10, 130 - visor, y + 34]), paint.line) +
      stitch(open([150, y + 10], [100, y + 20, 148 - visor, y + 42]), paint.line) +
      folds([open([40, y + 44], [130, y + 44, 230, y + 14])], paint.shade, 10, 0.45),
  };
  const badge =
    variation.detail > 0.5 ? dot(158, 180, 18, paint.trim, paint.line) + dot(158, 180, 9, paint.base, paint.line) : "";
  const holes = dot(232, 140, 3, paint.deep) + dot(166, 144, 3, variation.detail > 0.5 ? "none" : paint.deep);
  return [
    shape(closed([212, crown + 2], [212, crown - 10, 230, crown - 10], [230, crown + 2]), paint.shade, paint.line),
    dome,
    bill,
    holes + badge,
  ];
};

const sunHat: Shape = (variation, paint) => {
  const half = between(160, 182, variation.width);
  const top = between(128, 108, variation.height);
  const y = 236;
  const brim: Piece = {
    path: symmetric(
      [200, y - 34],
      [280, y - 38, 200 + half, y - 20, 200 + half, y + 12],
      [200 + half - 20, y + 50, 270, y + 44, 240, y + 58],
      [220, y + 64, 200, y + 62],
    ),
    inside:
      [0.55, 0.72, 0.88]
        .map((share) =>
          stroke(
            symmetric(
              [200, y - 34 * share],
              [290 * share + 200 * (1 - share), y - 34 * share, 200 + half * share, y - 14, 200 + half * share, y + 8],
              [200 + half * share - 20, y + 44 * share, 240, y + 56 * share, 200, y + 58 * share],
            ),
            paint.line,
            1.1,
            'opacity="0.5"',
          ),
        )
        .join("") +
      folds(
        [open([80, y + 30], [130, y + 20, 150, y + 50]), open([320, y + 20], [280, y + 16, 262, y + 46])],
        paint.shade,
        12,
        0.35,
      ),
  };
  const crown: Piece = {
    path: symmetric([200, top], [252, top, 276, 160, 280, y - 8], [260, y + 14, 230, y + 18, 200, y + 18]),
    inside: [30, 54, 78]
      .map((down) =>
        stroke(open([110, top + down], [200, top + down + 20, 290, top + down]), paint.line, 1.1, 'opacity="0.45"'),
      )
      .join(""),
  };
  const ribbon: Piece = {
    path: symmetric(
      [200, y - 14],
      [240, y - 16, 262, y - 22, 277, y - 34],
      [280, y - 6],
      [260, y + 14, 230, y + 18, 200, y + 18],
    ),
    fill: variation.detail > 0.5 ? paint.trim : paint.deep,
  };
  return [brim, crown, ribbon];
};
