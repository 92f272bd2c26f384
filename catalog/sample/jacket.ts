import { bothSides, folds, type Garment, type Piece, type Shape, stroke } from "./garment.js";
import { bomber, ribs, tailored, trucker, zipped } from "./jacket-front.js";
import type { Paint } from "./paint.js";
import { open } from "./path.js";
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
