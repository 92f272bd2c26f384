import { bothSides, dot, type Garment, type Piece, type Shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { between } from "./seeded-random.js";
import { backNeck, cuffPath, sleeveFolds, sleevePath, type Torso, torsoFolds, torsoPath } from "./upper-parts.js";

/** A buttoned shirt: pointed, wide, button-down or stand collar; long or short sleeves; tails or a straight hem. */
export const drawShirt: Shape = (variation, paint) => {
  const torso: Torso = {
    neck: 27,
    neckDepth: 26,
    pointed: true,
    shoulder: between(78, 90, variation.width),
    chest: between(72, 84, variation.width),
    waist: between(66, 84, variation.flare),
    hem: between(70, 88, variation.flare),
    top: 50,
    armpit: 134,
    bottom: between(312, 344, variation.length),
    tail: variation.style < 0.6 ? between(10, 22, variation.style) : -2,
  };
  const long = variation.sleeve > 0.35;
  const reach = long ? between(212, 232, variation.sleeve) : between(74, 96, variation.sleeve / 0.35);
  const spread = long ? 44 : 40;
  const cuff = long ? 30 : 50;
  const sleeve: Piece = {
    path: sleevePath(torso, reach, spread, cuff),
    inside: sleeveFolds(torso, reach, spread, paint),
  };
  const cuffs: Garment = long
    ? bothSides({ path: cuffPath(torso, reach, spread, cuff, 22) })
    : [stitch(cuffPath(torso, reach, spread, cuff, 9), paint.line)];
  return [
    backNeck(torso, paint),
    ...bothSides(sleeve),
    ...cuffs,
    { path: torsoPath(torso), inside: torsoFolds(torso, paint) },
    placket(torso, paint),
    ...pocket(torso, variation.detail, paint),
    ...collar(torso, variation.collar, paint),
  ];
};

function placket(torso: Torso, paint: Paint): string {
  const top = torso.top + torso.neckDepth + 4;
  const bottom = torso.bottom + torso.tail;
  const buttons: string[] = [];
  for (let y = top + 16; y < bottom - 22; y += 37) {
    buttons.push(dot(200, y, 3.6, paint.trim, paint.line), dot(199, y, 0.6, paint.line), dot(201, y, 0.6, paint.line));
  }
  const edges = [191, 209].map((x) => stroke(open([x, top], [x, bottom - 1]), paint.line, 1.1, 'opacity="0.7"'));
  return [...edges, ...buttons].join("");
}

function pocket(torso: Torso, detail: number, paint: Paint): Garment {
  if (detail < 0.35) return [];
  const left = 222;
  const top = torso.armpit + 2;
  const path = closed([left, top], [left + 36, top], [left + 36, top + 34], [left + 18, top + 42], [left, top + 34]);
  const right: Piece = { path, inside: stitch(open([left, top + 8], [left + 36, top + 8]), paint.line) };
  return detail > 0.75 ? bothSides(right) : [right];
}

function collar(torso: Torso, style: number, paint: Paint): Garment {
  const { neck, top } = torso;
  if (style > 0.82) {
    const band = closed(
      [200 + neck + 3, top - 5],
      [200 + neck + 2, top + 12],
      [200 + neck * 0.6, top + 22, 200 + 4, top + 32],
      [200 + 2, top + 20],
      [200 + neck * 0.5, top + 10, 200 + neck - 3, top - 6],
    );
    return bothSides({ path: band });
  }
  const spread = between(20, 36, style);
  const point = between(44, 34, style);
  const flap = closed(
    [200 + neck - 4, top - 9],
    [200 + neck + 12, top - 1, 200 + neck + 12, top + 10],
    [200 + spread + 4, top + point + 4],
    [200 + spread * 0.5, top + point * 0.82, 201, top + 27],
    [200 + neck * 0.6, top + 12, 200 + neck - 4, top - 9],
  );
  const stitched = stitch(open([200 + neck + 8, top + 10], [200 + spread + 2, top + point - 2]), paint.line);
  const buttons =
    style > 0.2 && style < 0.45
      ? [
          dot(200 + spread, top + point - 3, 2, paint.trim, paint.line),
          dot(200 - spread, top + point - 3, 2, paint.trim, paint.line),
        ]
      : [];
  return [...bothSides({ path: flap, inside: stitched }), ...buttons];
}
