import {
  bothSides,
  dot,
  flipped,
  folds,
  type Garment,
  type Piece,
  type Shape,
  shape,
  stitch,
  stroke,
} from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { between, pick } from "./seeded-random.js";
import { backNeck, cuffPath, sleeveFolds, sleevePath, type Torso, torsoFolds, torsoPath } from "./upper-parts.js";

/** A jacket: blazer, bomber, puffer, trucker or coat, by style. */
export const drawJacket: Shape = (variation, paint) => {
  const style = pick(["blazer", "bomber", "puffer", "trucker", "coat"], variation.style);
  const bottom = { blazer: 330, bomber: 296, puffer: 306, trucker: 296, coat: 372 }[style];
  const wide = style === "puffer" ? 10 : style === "bomber" ? 6 : 0;
  const torso: Torso = {
    neck: 31,
    neckDepth: 24,
    pointed: false,
    shoulder: between(84, 92, variation.width) + wide * 0.5,
    chest: between(78, 86, variation.width) + wide,
    waist: style === "blazer" ? between(70, 78, variation.flare) : between(78, 88, variation.flare) + wide,
    hem:
      between(80, 90, variation.flare) + (style === "coat" ? 8 : style === "bomber" || style === "trucker" ? -6 : wide),
    top: 48,
    armpit: 134,
    bottom: bottom + between(-12, 12, variation.length),
    tail: style === "blazer" ? 6 : 0,
  };
  const reach = between(212, 226, variation.sleeve);
  const cuff = { blazer: 38, bomber: 36, puffer: 46, trucker: 38, coat: 44 }[style];
  const quilted = style === "puffer" ? quilting(torso, paint, true) : "";
  const sleeve: Piece = {
    path: sleevePath(torso, reach, 42, cuff),
    inside: sleeveFolds(torso, reach, 42, paint) + quilted,
  };
  const banded = style === "bomber" || style === "puffer" || style === "trucker";
  const cuffPiece = cuffPath(torso, reach, 42, cuff, banded ? 18 : 8);
  const cuffs: Garment = banded
    ? bothSides({ path: cuffPiece, inside: style === "bomber" ? ribs(cuffPiece, paint) : "" })
    : [];
  const body: Piece = {
    path: torsoPath(torso),
    inside: torsoFolds(torso, paint) + (style === "puffer" ? quilting(torso, paint, false) : ""),
  };
  const front = { blazer: tailored, bomber, puffer: zipped, trucker, coat: tailored }[style];
  return [
    backNeck(torso, paint),
    ...bothSides(sleeve),
    ...cuffs,
    body,
    ...front(torso, paint, variation.detail, variation.collar),
  ];
};

type Front = (torso: Torso, paint: Paint, detail: number, collar: number) => Garment;

const tailored: Front = (torso, paint, detail, collar) => {
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

const bomber: Front = (torso, paint, detail) => {
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

const zipped: Front = (torso, paint, detail) => {
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

const trucker: Front = (torso, paint) => {
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

function ribs(path: string, paint: Paint): string {
  const lines = Array.from({ length: 50 }, (_, step) => `M${step * 8} 0L${step * 8} 400`).join("");
  return `<path d="${path}" fill="${paint.shade}" opacity="0.3"/>${stroke(lines, paint.line, 1.4, 'opacity="0.35"')}`;
}

function zip(torso: Torso, paint: Paint, top: number): string {
  const path = open([200, top], [200, torso.bottom]);
  return `${stroke(path, paint.deep, 6)}${stroke(path, "#d8d8d6", 2.4, 'stroke-dasharray="2.4 2"')}${shape(closed([197, top + 8], [203, top + 8], [204, top + 24], [196, top + 24]), "#d8d8d6", paint.deep)}`;
}

function quilting(torso: Torso, paint: Paint, sleeve: boolean): string {
  const rows: string[] = [];
  for (let y = torso.top + 36; y < torso.bottom - 6; y += 27) {
    rows.push(
      sleeve
        ? open([264, y - 22], [310, y + 14, 370, y - 26])
        : open([200 - torso.hem - 14, y - 2], [150, y + 8, 200, y], [250, y + 8, 200 + torso.hem + 14, y - 2]),
    );
  }
  return (
    folds(
      rows.map((row) => row),
      paint.shade,
      9,
      0.5,
    ) + rows.map((row) => stroke(row, paint.line, 1.3, 'opacity="0.7"')).join("")
  );
}
