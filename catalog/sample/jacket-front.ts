import { bothSides, dot, flipped, folds, type Garment, type Piece, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { between } from "./seeded-random.js";
import type { Torso } from "./upper-parts.js";

/** The closing, collar and pockets of a jacket. */
type Front = (torso: Torso, paint: Paint, detail: number, collar: number) => Garment;

/** Lapels and buttons: a blazer or a coat. */
export const tailored: Front = (torso, paint, detail, collar) => {
  const { neck, top, bottom, armpit } = torso;
  const stance = between(armpit + 30, armpit + 74, collar);
  const double = detail > 0.66;
  const edge = double ? 22 : 5;
  const opening = closed(
    [200 - neck, top - 2],
    [200, top - 10, 200 + neck, top - 2],
    [200 + edge, stance],
    [200 - edge * 0.2, stance + 8],
  );
  const lapel = closed(
    [200 + neck - 6, top - 9],
    [200 + neck + 13, top + 2],
    [200 + neck + 17, top + 30],
    [200 + neck + 6, top + 40],
    [200 + neck + 22, top + 44],
    [200 + neck + 12, stance - 40, 200 + edge - 2, stance + 6],
    [200 + neck * 0.45, (top + stance) / 2, 200 + neck - 6, top - 9],
  );
  const inner = shape(opening, paint.deep, paint.line);
  const button = (x: number, y: number) => dot(x, y, 5, paint.deep, paint.line) + dot(x, y, 1.4, paint.line);
  const rows = double ? [stance + 14, stance + 52] : [stance + 14, stance + 48].slice(0, collar > 0.5 ? 1 : 2);
  const buttons = rows.map((y) => (double ? button(200 + 20, y) + button(200 - 22, y) : button(199, y))).join("");
  const flap = closed([222, bottom - 84], [222 + 44, bottom - 88], [222 + 45, bottom - 74], [223, bottom - 70]);
  const front = stroke(
    open([200 + edge, stance + 4], [200 + edge + 2, bottom - 24, 200 + edge - 6, bottom + torso.tail]),
    paint.line,
    1.5,
  );
  return [
    inner,
    folds([open([200 + edge + 8, stance + 10], [200 + edge + 10, bottom - 30])], paint.shade, 8, 0.3),
    front,
    ...bothSides({ path: flap }),
    ...bothSides({ path: lapel }),
    buttons,
    shape(
      closed([234, armpit + 14], [262, armpit + 10], [262, armpit + 17], [234, armpit + 21]),
      paint.shade,
      paint.line,
      'opacity="0.7"',
    ),
  ];
};

/** Ribbed collar and a zip. */
export const bomber: Front = (torso, paint, detail) => {
  const { bottom, hem } = torso;
  const band = closed(
    [200 - hem - 1, bottom - 24],
    [200, bottom - 22, 200 + hem + 1, bottom - 24],
    [200 + hem - 4, bottom],
    [200, bottom + 3, 200 - hem + 4, bottom],
  );
  const pocket = stroke(open([232, bottom - 88], [252, bottom - 44]), paint.line, 3.5);
  return [
    { path: band, inside: ribs(band, paint) },
    ribbedCollar(torso, paint),
    zip(torso, paint, torso.top + torso.neckDepth + 2),
    pocket + flipped(pocket),
    detail > 0.5 ? stitch(open([142, torso.armpit], [258, torso.armpit]), paint.line) : "",
  ];
};

/** High collar or hood and a zip: a puffer. */
export const zipped: Front = (torso, paint, detail) => {
  const { neck, top } = torso;
  const collar = closed(
    [200 - neck - 8, top + 10],
    [200 - neck - 4, top - 22],
    [200, top - 32, 200 + neck + 4, top - 22],
    [200 + neck + 8, top + 10],
    [200 + 20, top + 34, 200, top + 34],
    [200 - 20, top + 34, 200 - neck - 8, top + 10],
  );
  const hood = closed(
    [200 - neck - 16, top + 14],
    [200 - neck - 26, top - 44, 200, top - 46],
    [200 + neck + 26, top - 44, 200 + neck + 16, top + 14],
    [200, top + 40, 200 - neck - 16, top + 14],
  );
  const seam = stroke(
    open([200 - neck - 6, top - 4], [200, top + 8, 200 + neck + 6, top - 4]),
    paint.line,
    1.4,
    'opacity="0.6"',
  );
  const pocket = stroke(open([236, torso.bottom - 78], [248, torso.bottom - 40]), paint.line, 3);
  return [
    ...(detail > 0.5 ? [{ path: hood }] : []),
    { path: collar, inside: seam },
    zip(torso, paint, top - 26),
    pocket + flipped(pocket),
  ];
};

/** Pointed collar, buttons and chest pockets. */
export const trucker: Front = (torso, paint) => {
  const { neck, top, armpit, bottom, hem, chest } = torso;
  const flap = closed(
    [200 + neck - 4, top - 10],
    [200 + neck + 16, top - 2, 200 + neck + 18, top + 8],
    [200 + 34, top + 40],
    [202, top + 25],
    [200 + neck * 0.6, top + 10, 200 + neck - 4, top - 10],
  );
  const pocket = closed(
    [220, armpit + 4],
    [258, armpit + 4],
    [258, armpit + 18],
    [239, armpit + 27],
    [220, armpit + 18],
  );
  const seams =
    stitch(open([222, armpit + 22], [214, bottom - 22]), paint.line) +
    stitch(open([256, armpit + 22], [236, bottom - 22]), paint.line);
  const band = closed([200 - hem, bottom - 20], [200 + hem, bottom - 20], [200 + hem, bottom], [200 - hem, bottom]);
  const buttons = Array.from({ length: 6 }, (_, row) =>
    dot(200, top + 44 + row * ((bottom - 12 - top - 44) / 5), 3.6, paint.metal, paint.line),
  );
  const yoke = stitch(open([200 - chest + 2, armpit - 2], [200, armpit + 4, 200 + chest - 2, armpit - 2]), paint.line);
  const edge = [191, 209].map((x) => stroke(open([x, top + 28], [x, bottom]), paint.line, 1.2)).join("");
  return [
    seams + flipped(seams) + yoke + edge,
    { path: band, inside: stitch(open([200 - hem, bottom - 15], [200 + hem, bottom - 15]), paint.line) },
    ...bothSides({ path: pocket, inside: stitch(pocket, paint.line) }),
    ...bothSides({ path: flap }),
    buttons.join(""),
  ];
};

function ribbedCollar(torso: Torso, paint: Paint): Piece {
  const { neck, top, neckDepth } = torso;
  const path = closed(
    [200 - neck - 7, top + 2],
    [200 - neck + 2, top - 10],
    [200 - neck * 0.8, top + neckDepth, 200, top + neckDepth],
    [200 + neck * 0.8, top + neckDepth, 200 + neck - 2, top - 10],
    [200 + neck + 7, top + 2],
    [200 + neck, top + neckDepth + 14, 200, top + neckDepth + 16],
    [200 - neck, top + neckDepth + 14, 200 - neck - 7, top + 2],
  );
  return { path, inside: ribs(path, paint) };
}

/** Knitted ribs. */
export function ribs(path: string, paint: Paint): string {
  const lines = Array.from({ length: 50 }, (_, step) => `M${step * 8} 0L${step * 8} 400`).join("");
  return `<path d="${path}" fill="${paint.shade}" opacity="0.3"/>${stroke(lines, paint.line, 1.4, 'opacity="0.35"')}`;
}

function zip(torso: Torso, paint: Paint, top: number): string {
  const path = open([200, top], [200, torso.bottom]);
  return `${stroke(path, paint.deep, 6)}${stroke(path, "#d8d8d6", 2.4, 'stroke-dasharray="2.4 2"')}${shape(closed([197, top + 8], [203, top + 8], [204, top + 24], [196, top + 24]), "#d8d8d6", paint.deep)}`;
}
