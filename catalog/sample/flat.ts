import {
  bothSides,
  dot,
  folds,
  type Garment,
  moved,
  type Piece,
  type Shape,
  shape,
  stitch,
  stroke,
} from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open, symmetric } from "./path.js";
import { between, pick } from "./seeded-random.js";

/** Flats: a ballerina from its side, or a pair from above; round or pointed; bow, strap or plain. */
export const drawFlat: Shape = (variation, paint) => {
  const trim = pick(["bow", "plain", "strap", "buckle"], variation.detail);
  if (variation.style < 0.5) return sideView(variation.collar, variation.width, trim, paint);
  const one = topView(variation.collar, variation.width, trim, paint);
  return [...moved(one, -86, 0, 1), ...moved(one, 86, 0, 1)];
};

function sideView(throat: number, nose: number, trim: string, paint: Paint): Garment {
  const cut = between(128, 164, throat);
  const tip = between(0, 12, nose);
  const path = closed(
    [344, 256],
    [354, 236, 350, 212, 346, 196],
    [340, 188, 332, 190, 324, 200],
    [296, 232, 240, 240, cut + 34, 230],
    [cut + 12, 224, cut + 8, 204, cut - 6, 200],
    [110, 200, 62, 214 + tip, 44, 240 + tip * 0.6],
    [38, 250, 40, 258, 46, 260],
  );
  const lining = shape(
    closed([cut - 6, 200], [220, 214, 330, 188], [322, 230, 230, 246, cut + 30, 232]),
    paint.deep,
    paint.line,
  );
  const inside =
    folds([open([90, 236], [130, 244, 170, 240]), open([330, 214], [326, 234, 330, 252])], paint.shade, 7, 0.35) +
    stitch(open([346, 204], [330, 204, 300, 236, 240, 246, cut + 30, 238].slice(0, 6)), paint.line);
  const sole: Piece = {
    path: closed(
      [40, 254],
      [44, 268, 60, 270, 90, 270],
      [250, 268],
      [258, 276],
      [344, 276],
      [350, 268, 347, 254],
      [240, 262, 120, 264, 40, 254],
    ),
    fill: "#57453a",
  };
  return [lining, { path, inside }, sole, ...sideTrim(trim, cut, paint)];
}

function sideTrim(trim: string, cut: number, paint: Paint): Garment {
  if (trim === "bow") return [bow(cut - 4, 204, 1, paint)];
  if (trim === "buckle")
    return [
      shape(
        closed([cut - 34, 208], [cut - 10, 204], [cut - 8, 218], [cut - 32, 222]),
        "none",
        paint.metal,
        'style="stroke-width:4"',
      ),
    ];
  if (trim === "plain") return [];
  const near = open([cut + 92, 240], [cut + 88, 212, cut + 72, 194]);
  const far = open([cut + 72, 194], [cut + 60, 196, cut + 54, 212]);
  const flat = 'style="stroke-linecap:butt"';
  const bands = stroke(far, paint.line, 11.4, flat) + stroke(far, paint.deep, 9.4, flat);
  return [bands + stroke(near, paint.line, 11.4) + stroke(near, paint.base, 9.4) + dot(cut + 88, 222, 4, paint.metal)];
}

function topView(throat: number, nose: number, trim: string, paint: Paint): Garment {
  const tip = between(0, 1, nose);
  const outline = symmetric(
    [200, 62],
    [200 + between(34, 14, tip), 62, 200 + between(66, 56, tip), 104, 200 + 66, 148],
    [200 + 66, 200, 200 + 50, 250, 200 + 52, 296],
    [200 + 54, 336, 200 + 30, 352, 200, 352],
  );
  const start = between(138, 168, throat);
  const opening = symmetric(
    [200, start],
    [200 + 34, start, 200 + 47, start + 24, 200 + 48, start + 56],
    [200 + 46, 240, 200 + 38, 262, 200 + 39, 298],
    [200 + 39, 326, 200 + 22, 338, 200, 338],
  );
  const insole =
    shape(opening, paint.deep, paint.line) +
    shape(
      symmetric(
        [200, start + 13],
        [200 + 32, start + 14, 200 + 44, start + 34, 200 + 44, start + 60],
        [200 + 40, 240, 200 + 34, 262, 200 + 35, 298],
        [200 + 35, 322, 200 + 20, 334, 200, 334],
      ),
      "url(#insole)",
      "none",
    ) +
    insoleLight;
  const cloth = folds(
    [open([152, 130], [176, 112, 200, 110]), open([262, 180], [252, 220, 250, 260])],
    paint.shade,
    8,
    0.35,
  );
  const band = stroke(open([110, start - 2], [200, start - 30, 290, start - 2]), paint.shade, 20);
  const inside = trim === "buckle" ? band + cloth : cloth;
  const seam = stitch(mapOpening(start), paint.line);
  const body: Piece = { path: outline, inside };
  const extras: Garment =
    trim === "strap"
      ? [strap(paint)]
      : trim === "bow"
        ? [bow(200, start - 4, 1.15, paint)]
        : trim === "buckle"
          ? [
              shape(
                closed([184, start - 24], [216, start - 24], [216, start - 8], [184, start - 8]),
                "none",
                paint.metal,
                'style="stroke-width:4"',
              ),
            ]
          : [];
  return [body, insole, seam, ...extras];
}

function mapOpening(start: number): string {
  return symmetric(
    [200, start - 6],
    [200 + 40, start - 6, 200 + 53, start + 20, 200 + 54, start + 56],
    [200 + 52, 240, 200 + 44, 262, 200 + 45, 298],
    [200 + 45, 332, 200 + 26, 345, 200, 345],
  );
}

function strap(paint: Paint): string {
  const path = open([140, 222], [200, 206, 260, 222]);
  return stroke(path, paint.line, 15) + stroke(path, paint.base, 13) + dot(250, 219, 4.5, paint.metal, paint.line);
}

function bow(x: number, y: number, scale: number, paint: Paint): string {
  const [wing] = bothSides({
    path: closed([200, 200], [212, 182, 228, 186], [232, 210, 226, 214], [212, 214, 200, 200]),
  });
  const other = closed([200, 200], [212, 182, 228, 186], [232, 210, 226, 214], [212, 214, 200, 200]);
  return `<g transform="translate(${x} ${y}) scale(${scale}) translate(-200 -200)">${shape(wing.path, paint.base, paint.line)}${shape(other, paint.base, paint.line)}${shape(closed([195, 193], [205, 193], [206, 207], [194, 207]), paint.shade, paint.line)}</g>`;
}

/** The foot's bed lies in the shadow of the toe cap and comes to light at the heel. */
const insoleLight = `<linearGradient id="insole" x1="0" y1="0" x2="0.2" y2="1"><stop offset="0" stop-color="#8d765a"/><stop offset="0.45" stop-color="#cdb797"/><stop offset="1" stop-color="#ecdfca"/></linearGradient>`;
