import { bothSides, dot, flipped, type Garment, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open, symmetric } from "./path.js";
import { between } from "./seeded-random.js";

/** Half widths from the middle axis and heights, in view box units. */
export type Cut = Readonly<{
  waist: number;
  hip: number;
  knee: number;
  hem: number;
  top: number;
  crotch: number;
  bottom: number;
  gap: number;
}>;

/** The side seam's foot, which every ending meets. */
export function outerHem({ hip, hem, gap }: Cut): number {
  return 200 + gap / 2 + (hip - gap / 2) * 0.56 + hem * 0.9 + Math.max(0, (hem - 44) * 0.3);
}

/** A stripe down each side seam. */
export function sideStripe(cut: Cut, paint: Paint): Garment {
  const line = stroke(
    open(
      [200 + cut.waist - 7, cut.top + 20],
      [200 + cut.hip - 6, cut.top + 60, 200 + cut.hip - 12, cut.crotch],
      [200 + cut.hip - 10, (cut.crotch + cut.bottom) / 2, outerHem(cut) - 12, cut.bottom - 3],
    ),
    paint.trim,
    6,
    'opacity="0.9" style="stroke-linecap:butt"',
  );
  return [line + flipped(line)];
}

/** A waistband: with loops and a button, or elastic with cords. */
export function waistband(waist: number, top: number, paint: Paint, elastic: boolean): Garment {
  const inside = shape(
    closed([200 - waist, top - 4], [200, top - 13, 200 + waist, top - 4], [200, top + 8, 200 - waist, top - 4]),
    paint.deep,
  );
  const path = symmetric(
    [200, top + 4],
    [200 + waist * 0.6, top + 3, 200 + waist, top - 5],
    [200 + waist + 2, top + 14],
    [200 + waist * 0.6, top + 23, 200, top + 23],
  );
  if (elastic) {
    const lines = Array.from({ length: 40 }, (_, step) => `M${step * 7 + 60} 0L${step * 7 + 60} 400`).join("");
    const cords =
      stroke(open([195, top + 18], [188, top + 40, 192, top + 66]), paint.trim, 3) +
      stroke(open([205, top + 18], [214, top + 40, 209, top + 60]), paint.trim, 3);
    return [inside, { path, inside: stroke(lines, paint.line, 1.3, 'opacity="0.4"') }, cords];
  }
  const loops = [0.34, 0.82]
    .map((share) =>
      shape(
        closed(
          [200 + waist * share - 3, top - 2],
          [200 + waist * share + 4, top - 2],
          [200 + waist * share + 4, top + 25],
          [200 + waist * share - 3, top + 25],
        ),
        paint.base,
        paint.line,
      ),
    )
    .join("");
  return [inside, { path }, loops + flipped(loops) + dot(200, top + 13, 4, paint.trim, paint.line)];
}

/** Front seam and pockets. */
export function fly(cut: Cut, paint: Paint, elastic: boolean): string {
  const { waist, top, crotch, hip } = cut;
  const pocket = open(
    [200 + waist * 0.52, top + 24],
    [200 + waist * 0.62, top + 58, 200 + between(waist, hip, 0.66), top + 64],
  );
  const pockets =
    stroke(pocket, paint.line, 1.4) +
    stitch(
      open([200 + waist * 0.46, top + 24], [200 + waist * 0.58, top + 64, 200 + between(waist, hip, 0.7), top + 70]),
      paint.line,
    );
  const front = elastic ? "" : stitch(open([212, top + 24], [214, crotch - 40, 201, crotch - 18]), paint.line);
  return pockets + flipped(pockets) + stroke(open([200, top + 23], [200, crotch]), paint.line, 1.4) + front;
}

/** Hems of a style, and the pockets of cargo legs. */
export function ending(style: string, cut: Cut, paint: Paint): Garment {
  const { hip, hem, crotch, bottom, gap } = cut;
  const center = 200 + gap / 2 + (hip - gap / 2) * 0.56;
  const spread = Math.max(0, (hem - 44) * 0.3);
  const left = Math.max(200 + gap / 2, center - hem * 0.9 + spread * 0.5) - 1;
  const right = outerHem(cut) + 1;
  if (style === "jogger" || style === "turned") {
    const depth = style === "jogger" ? 24 : 18;
    const path = closed(
      [left, bottom - depth],
      [(left + right) / 2, bottom - depth + 6, right, bottom - depth],
      [right, bottom],
      [(left + right) / 2, bottom + 7, left, bottom],
    );
    const lines = Array.from({ length: 60 }, (_, step) => `M${step * 7} 0L${step * 7} 400`).join("");
    return bothSides({
      path,
      inside:
        style === "jogger"
          ? stroke(lines, paint.line, 1.3, 'opacity="0.4"')
          : stitch(open([left, bottom - depth + 4], [right, bottom - depth + 4]), paint.line),
    });
  }
  const seam = stitch(
    open([left + 2, bottom - 9], [(left + right) / 2, bottom - 3, right - 4, bottom - 9]),
    paint.line,
  );
  const seams = seam + flipped(seam);
  if (style !== "cargo") return [seams];
  const y = Math.min(bottom - 74, between(crotch, bottom, 0.3));
  const x = center + 6;
  const pocket = closed([x, y], [x + 36, y + 2], [x + 34, y + 50], [x, y + 50]);
  const flap = closed([x - 2, y - 4], [x + 38, y - 2], [x + 37, y + 12], [x + 18, y + 18], [x - 2, y + 12]);
  return [
    seams,
    ...bothSides({ path: pocket, inside: stitch(pocket, paint.line) }),
    ...bothSides({ path: flap, inside: dot(x + 18, y + 8, 2.4, paint.metal, paint.line) }),
  ];
}
