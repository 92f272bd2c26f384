import { bothSides, dot, type Garment, type Piece, type Shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, mirror, open } from "./path.js";
import { between, pick } from "./seeded-random.js";
import { backNeck, cuffPath, sleeveFolds, sleevePath, type Torso, torsoFolds, torsoPath } from "./upper-parts.js";

/** A T-shirt: crew, V, scoop or henley neck; short to long sleeves; fitted to boxy; raglan, pocket or print. */
export const drawTshirt: Shape = (variation, paint) => {
  const neckline = pick(["crew", "vee", "crew", "scoop", "henley"], variation.collar);
  const boxy = variation.width;
  const torso: Torso = {
    neck: neckline === "scoop" ? 44 : 36,
    neckDepth: { crew: 22, vee: 52, scoop: 46, henley: 22 }[neckline],
    pointed: neckline === "vee",
    shoulder: between(82, 98, boxy),
    chest: between(74, 92, boxy),
    waist: between(68, 92, boxy),
    hem: between(72, 93, boxy),
    top: 62,
    armpit: 146,
    bottom: between(306, 352, variation.length),
    tail: between(0, 12, variation.flare),
  };
  const long = variation.sleeve > 0.85;
  const reach = long ? 214 : between(46, 92, variation.sleeve / 0.85);
  const spread = long ? 46 : between(44, 30, variation.sleeve);
  const cuff = long ? 30 : between(52, 60, boxy);
  const sleeve: Piece = {
    path: sleevePath(torso, reach, spread, cuff),
    inside: sleeveFolds(torso, reach, spread, paint),
  };
  const hem = stitch(cuffPath(torso, reach, spread, cuff, 8), paint.line);
  return [
    backNeck(torso, paint),
    ...bothSides(sleeve),
    hem + stitch(mirror(cuffPath(torso, reach, spread, cuff, 8)), paint.line),
    { path: torsoPath(torso), inside: torsoFolds(torso, paint) },
    stitch(
      open(
        [200 - torso.hem + 1, torso.bottom - 9],
        [200, torso.bottom + torso.tail * 2 - 9, 200 + torso.hem - 1, torso.bottom - 9],
      ),
      paint.line,
    ),
    neckBand(torso, paint),
    ...(neckline === "henley" ? [henley(torso, paint)] : []),
    ...front(torso, variation.detail, paint),
  ];
};

function neckBand(torso: Torso, paint: Paint): Piece {
  const { neck, neckDepth, top, pointed } = torso;
  const outer = neck + 8;
  const depth = neckDepth + 8;
  const path = pointed
    ? closed(
        [200 - neck, top],
        [200 - neck * 0.5, top + neckDepth * 0.55, 200, top + neckDepth],
        [200 + neck * 0.5, top + neckDepth * 0.55, 200 + neck, top],
        [200 + outer, top + 3],
        [200 + outer * 0.56, top + depth * 0.62, 200, top + depth + 4],
        [200 - outer * 0.56, top + depth * 0.62, 200 - outer, top + 3],
      )
    : closed(
        [200 - neck, top],
        [200 - neck * 0.95, top + neckDepth * 0.6, 200 - neck * 0.72, top + neckDepth, 200, top + neckDepth],
        [200 + neck * 0.72, top + neckDepth, 200 + neck * 0.95, top + neckDepth * 0.6, 200 + neck, top],
        [200 + outer, top + 3],
        [200 + outer * 0.97, top + depth * 0.66, 200 + outer * 0.7, top + depth, 200, top + depth],
        [200 - outer * 0.7, top + depth, 200 - outer * 0.97, top + depth * 0.66, 200 - outer, top + 3],
      );
  return { path, inside: `<path d="${path}" fill="${paint.shade}" opacity="0.25"/>` };
}

function henley(torso: Torso, paint: Paint): string {
  const top = torso.top + torso.neckDepth + 8;
  const buttons = [14, 32, 50].map((down) => dot(200, top + down, 3.2, paint.trim, paint.line)).join("");
  return stroke(closed([191, top], [191, top + 62], [209, top + 62], [209, top]), paint.line, 1.1) + buttons;
}

function front(torso: Torso, detail: number, paint: Paint): Garment {
  if (detail < 0.4) return [];
  const y = torso.armpit + 4;
  if (detail < 0.6) {
    const path = closed([222, y], [256, y], [256, y + 32], [239, y + 38], [222, y + 32]);
    return [{ path, inside: stitch(open([222, y + 7], [256, y + 7]), paint.line) }];
  }
  if (detail < 0.8) {
    const ring = `<circle cx="200" cy="${y + 42}" r="30" fill="none" stroke="${paint.trim}" stroke-width="5"/>`;
    return [
      `${ring}<path d="M172 ${y + 50}Q186 ${y + 30} 200 ${y + 46}T228 ${y + 40}" fill="none" stroke="${paint.trim}" stroke-width="4"/>`,
    ];
  }
  return [
    detail < 0.9
      ? stroke(
          open([200 - torso.chest + 4, y + 14], [200 + torso.chest - 4, y + 14]),
          paint.trim,
          9,
          'opacity="0.85" style="stroke-linecap:butt"',
        )
      : "",
  ].filter((part) => part !== "");
}
