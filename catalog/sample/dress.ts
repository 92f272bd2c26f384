import { bothSides, dot, folds, type Garment, type Piece, type Shape, shape, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open, symmetric } from "./path.js";
import { between, pick } from "./seeded-random.js";
import { fallingFolds, skirtPath } from "./skirt.js";
import { backNeck, sleeveFolds, sleevePath, type Torso } from "./upper-parts.js";

/** A dress: strappy, sleeveless, short or long sleeved; V, round or square neck; sheath to full skirt. */
export const drawDress: Shape = (variation, paint) => {
  const top =
    variation.sleeve < 0.25 ? "straps" : variation.sleeve < 0.5 ? "none" : variation.sleeve < 0.75 ? "short" : "long";
  const flare = variation.flare;
  const waistHeight = between(136, 168, variation.height);
  const waist = between(46, 52, variation.width);
  const torso: Torso = {
    neck: top === "straps" ? 40 : between(28, 38, variation.collar),
    neckDepth: between(28, 62, variation.collar),
    pointed: variation.style > 0.5,
    shoulder: 64,
    chest: between(54, 60, variation.width),
    waist,
    hem: waist,
    top: 34,
    armpit: 102,
    bottom: waistHeight,
    tail: 0,
  };
  const bottom = between(286, 382, variation.length);
  const hem = between(62, 140, flare);
  const skirt: Piece = {
    path: skirtPath(waist, between(68, 78, flare), hem, waistHeight - 4, bottom - 12, flare > 0.5 ? 8 : 2),
    inside:
      fallingFolds({ waist, hem, top: waistHeight, bottom }, flare > 0.4 ? 4 : 2, paint) +
      tiers(variation, waistHeight, bottom, paint),
  };
  return [
    ...(top === "straps" ? [] : [backNeck(torso, paint)]),
    ...sleeves(top, torso, paint),
    skirt,
    { path: top === "straps" ? strapBodice(torso) : bodice(torso, top === "none"), inside: bodiceFolds(torso, paint) },
    ...(top === "straps" ? straps(torso, paint) : []),
    ...middle(torso, variation.detail, paint, bottom),
  ];
};

function bodice(torso: Torso, sleeveless: boolean): string {
  const { neck, neckDepth, pointed, chest, waist, top, armpit, bottom } = torso;
  const shoulder = sleeveless ? neck + 20 : torso.shoulder;
  return symmetric(
    [200, top + neckDepth],
    pointed
      ? [200 + neck * 0.5, top + neckDepth * 0.6, 200 + neck, top]
      : [200 + neck * 0.8, top + neckDepth, 200 + neck * 0.94, top + neckDepth * 0.5, 200 + neck, top],
    [200 + shoulder, top + (sleeveless ? 6 : 16)],
    sleeveless
      ? [200 + shoulder - 8, armpit - 26, 200 + chest - 8, armpit - 10, 200 + chest, armpit]
      : [200 + shoulder - 8, (top + armpit) / 2 + 8, 200 + chest, armpit],
    [200 + chest - 2, armpit + 20, 200 + waist, bottom - 24, 200 + waist, bottom],
    [200 + waist * 0.5, bottom + 4, 200, bottom + 4],
  );
}

function strapBodice(torso: Torso): string {
  const { neck, chest, waist, top, armpit, bottom, pointed } = torso;
  const edge = top + 46;
  return symmetric(
    [200, pointed ? edge + 22 : edge + 8],
    [200 + neck * 0.5, edge + 4, 200 + neck, edge],
    [200 + chest - 12, edge + 8, 200 + chest, armpit],
    [200 + chest - 2, armpit + 20, 200 + waist, bottom - 24, 200 + waist, bottom],
    [200 + waist * 0.5, bottom + 4, 200, bottom + 4],
  );
}

function straps(torso: Torso, paint: Paint): Garment {
  const { neck, top } = torso;
  const strap = closed(
    [200 + neck - 5, top + 52],
    [200 + neck - 4, top + 18, 200 + neck - 12, top - 6],
    [200 + neck - 7, top - 8],
    [200 + neck + 2, top + 18, 200 + neck + 2, top + 50],
  );
  const seam = stroke(
    open([200 - torso.chest, torso.armpit + 2], [200, torso.armpit + 14, 200 + torso.chest, torso.armpit + 2]),
    paint.line,
    1,
    'opacity="0.5"',
  );
  return [...bothSides({ path: strap }), seam];
}

function sleeves(top: string, torso: Torso, paint: Paint): Garment {
  if (top === "none" || top === "straps") return [];
  const wide: Torso = { ...torso, top: torso.top - 6 };
  const reach = top === "short" ? 56 : 190;
  const spread = top === "short" ? 30 : 42;
  const cuff = top === "short" ? 42 : 30;
  return bothSides({ path: sleevePath(wide, reach, spread, cuff), inside: sleeveFolds(wide, reach, spread, paint) });
}

function bodiceFolds({ chest, armpit, bottom }: Torso, paint: Paint): string {
  const side = (direction: 1 | -1) => [
    open(
      [200 + direction * chest, armpit + 10],
      [200 + direction * chest * 0.6, armpit + 22, 200 + direction * chest * 0.4, armpit + 16],
    ),
    open([200 + direction * 26, bottom], [200 + direction * 30, bottom - 24, 200 + direction * 24, bottom - 44]),
  ];
  return folds([...side(1), ...side(-1)], paint.shade, 6, 0.35);
}

function tiers({ style, flare }: { style: number; flare: number }, top: number, bottom: number, paint: Paint): string {
  if (!(style > 0.25 && style < 0.5 && flare > 0.5)) return "";
  const rows = [0.4, 0.7].map((share) =>
    open(
      [40, between(top, bottom, share) - 6],
      [200, between(top, bottom, share) + 18, 360, between(top, bottom, share) - 6],
    ),
  );
  return folds(rows, paint.shade, 8, 0.5) + rows.map((row) => stroke(row, paint.line, 1.3)).join("");
}

function middle(torso: Torso, detail: number, paint: Paint, bottom: number): Garment {
  const { waist, bottom: y } = torso;
  const finish = pick(["seam", "belt", "sash", "buttons"], detail);
  const seam = stroke(open([200 - waist, y], [200, y + 6, 200 + waist, y]), paint.line, 1.3);
  if (finish === "seam") return [seam];
  if (finish === "buttons") {
    const buttons: string[] = [];
    for (let height = torso.top + torso.neckDepth + 14; height < bottom - 20; height += 27)
      buttons.push(dot(200, height, 3.4, paint.trim, paint.line));
    return [
      seam +
        stroke(open([200, torso.top + torso.neckDepth], [200, bottom - 4]), paint.line, 1.1, 'opacity="0.6"') +
        buttons.join(""),
    ];
  }
  const band = closed(
    [200 - waist - 2, y - 9],
    [200, y - 4, 200 + waist + 2, y - 9],
    [200 + waist + 2, y + 5],
    [200, y + 11, 200 - waist - 2, y + 5],
  );
  if (finish === "belt")
    return [
      { path: band, fill: paint.deep },
      shape(
        closed([190, y - 8], [210, y - 8], [210, y + 10], [190, y + 10]),
        "none",
        paint.metal,
        'style="stroke-width:3"',
      ),
    ];
  const tail = (direction: 1 | -1) =>
    shape(
      closed(
        [200 + direction * 3, y + 2],
        [200 + direction * 8, y + 40, 200 + direction * 20, y + 72],
        [200 + direction * 8, y + 74],
        [200 + direction * 2, y + 40, 200, y + 4],
      ),
      paint.shade,
      paint.line,
    );
  const loop = (direction: 1 | -1) =>
    shape(
      closed(
        [200, y + 1],
        [200 + direction * 12, y - 20, 200 + direction * 28, y - 12],
        [200 + direction * 30, y + 8, 200, y + 1],
      ),
      paint.base,
      paint.line,
    );
  return [{ path: band }, tail(1) + tail(-1) + loop(1) + loop(-1) + dot(200, y + 1, 5, paint.base, paint.line)];
}
