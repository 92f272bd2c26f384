import { dot, folds, type Garment, type Shape, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open, symmetric } from "./path.js";
import { between, pick } from "./seeded-random.js";

/** A skirt: pencil, A-line, pleated, full, tiered or buttoned, from mini to maxi. */
export const drawSkirt: Shape = (variation, paint) => {
  const style = pick(["pencil", "a-line", "pleated", "full", "tiered", "buttoned"], variation.style);
  const long = variation.length;
  const waist = between(58, 64, variation.width);
  const top = between(96, 44, long);
  const bottom = between(286, 364, long);
  const hip = { pencil: 80, "a-line": 82, pleated: 84, full: 90, tiered: 84, buttoned: 80 }[style];
  const hem =
    { pencil: 70, "a-line": 118, pleated: 126, full: 150, tiered: 134, buttoned: 106 }[style] +
    between(-6, 12, variation.flare);
  const wave = style === "full" || style === "tiered" ? 9 : style === "pleated" ? 0 : 3;
  const path = skirtPath(waist, hip, hem, top, bottom, wave);
  return [
    shape(
      closed([200 - waist, top - 2], [200, top - 12, 200 + waist, top - 2], [200, top + 8, 200 - waist, top - 2]),
      paint.deep,
    ),
    { path, inside: insideOf(style, { waist, hem, top, bottom }, paint) },
    {
      path: symmetric(
        [200, top + 4],
        [200 + waist * 0.6, top + 3, 200 + waist + 1, top - 4],
        [200 + waist + 3, top + 14],
        [200 + waist * 0.6, top + 22, 200, top + 22],
      ),
    },
    ...front(style, { waist, hem, top, bottom }, paint, variation.detail),
  ];
};

type Fall = Readonly<{ waist: number; hem: number; top: number; bottom: number }>;

/** A skirt from waist to hem, its side one smooth curve over the hip; `wave` is how much its hem ripples. */
export function skirtPath(waist: number, hip: number, hem: number, top: number, bottom: number, wave: number): string {
  const drop = Math.min(72, (bottom - top) * 0.4);
  const slope = (hem - hip) / (bottom - 8 - top - drop);
  const overHip = [
    200 + waist + (hip - waist) * 0.5,
    top + drop * 0.3,
    200 + hip - slope * drop * 0.4,
    top + drop * 0.6,
  ];
  const fall = [200 + between(hip, hem, 0.5) - Math.max(0, slope) * 5, between(top + drop, bottom - 8, 0.5)];
  const side = [
    [200 + waist, top],
    [...overHip, 200 + hip, top + drop],
    [...fall, 200 + hem, bottom - 8],
  ];
  if (wave < 5) return symmetric([200, top], ...side, [200 + hem * 0.5, bottom + 9, 200, bottom + 9]);
  const fifth = hem / 5;
  return symmetric(
    [200, top],
    ...side,
    [200 + fifth * 4.5, bottom + 2 + wave, 200 + fifth * 4, bottom + 2],
    [200 + fifth * 3.2, bottom + 2 - wave * 0.2, 200 + fifth * 2.6, bottom + 6],
    [200 + fifth * 2, bottom + 9 + wave, 200 + fifth * 1.3, bottom + 7],
    [200 + fifth * 0.6, bottom + 4, 200, bottom + 9],
  );
}

/** Folds that fan out from the waist, `count` to a side. */
export function fallingFolds({ waist, hem, top, bottom }: Fall, count: number, paint: Paint): string {
  const lines: string[] = [];
  for (let step = 0; step <= count * 2; step++) {
    const share = (step / (count * 2)) * 2 - 1;
    const start = between(top + 30, between(top, bottom, 0.4), Math.abs(Math.sin(step * 2.4)));
    const reach = (start - top) / (bottom - top);
    const x = 200 + share * between(waist, hem, reach) * 0.9;
    lines.push(
      open(
        [x, start],
        [
          200 + share * between(waist, hem, 0.7) * 0.92,
          between(start, bottom, 0.6),
          200 + share * hem * 0.93,
          bottom + 6,
        ],
      ),
    );
  }
  return folds(lines, paint.shade, 9, 0.4);
}

function insideOf(style: string, fall: Fall, paint: Paint): string {
  const { waist, hem, top, bottom } = fall;
  if (style === "pleated") {
    const pleats = Array.from({ length: 13 }, (_, step) => (step - 6) / 6);
    const lines = pleats.map((share) =>
      open(
        [200 + share * waist, top + 20],
        [200 + share * between(waist, hem, 0.5) * 1.05, between(top, bottom, 0.45), 200 + share * hem, bottom + 10],
      ),
    );
    const shadows = lines
      .map((line) => `<g transform="translate(5 0)">${stroke(line, paint.shade, 8, 'opacity="0.35"')}</g>`)
      .join("");
    return `<g filter="url(#soft)">${shadows}</g>${lines.map((line) => stroke(line, paint.line, 1.4, 'opacity="0.75"')).join("")}`;
  }
  if (style === "tiered") {
    const rows = [0.36, 0.68].map((share) => {
      const y = between(top, bottom, share);
      return open([40, y - 4], [200, y + 16, 360, y - 4]);
    });
    return (
      fallingFolds(fall, 4, paint) +
      folds(rows, paint.shade, 9, 0.55) +
      rows.map((row) => stroke(row, paint.line, 1.4)).join("")
    );
  }
  if (style === "pencil") {
    const creases = [
      open([130, top + 50], [160, top + 66, 190, top + 58]),
      open([270, top + 70], [240, top + 86, 214, top + 80]),
      open([170, bottom], [164, bottom - 60, 172, bottom - 100]),
    ];
    return folds(creases, paint.shade, 8, 0.35);
  }
  return fallingFolds(fall, style === "full" ? 5 : 3, paint);
}

function front(style: string, { waist, hem, top, bottom }: Fall, paint: Paint, detail: number): Garment {
  const parts: string[] = [];
  const ruled = stitch(open([200 - hem + 4, bottom - 15], [200, bottom + 2, 200 + hem - 4, bottom - 15]), paint.line);
  if (style === "pencil" || style === "buttoned" || style === "a-line") parts.push(ruled);
  if (style === "buttoned") {
    parts.push(...[190, 210].map((x) => stroke(open([x, top + 22], [x, bottom + 8]), paint.line, 1.2)));
    for (let y = top + 12; y < bottom - 8; y += 32) parts.push(dot(200, y, 4.4, paint.trim, paint.line));
  }
  if (style === "pencil") {
    const x = detail > 0.5 ? 200 : 232;
    parts.push(shape(closed([x - 1, bottom - 62], [x + 9, bottom + 8], [x - 8, bottom + 9]), paint.deep));
  }
  if ((style === "a-line" || style === "full") && detail > 0.4) {
    parts.push(
      shape(
        closed([188, top + 1], [212, top + 1], [212, top + 25], [188, top + 25]),
        "none",
        paint.metal,
        'style="stroke-width:3.5"',
      ),
    );
    parts.push(
      stroke(open([200 - waist, top + 3], [186, top + 6]), paint.line, 1) +
        stroke(open([214, top + 6], [200 + waist, top + 3]), paint.line, 1),
    );
  }
  return [parts.join("")];
}
