import { bootUpper } from "./boot.js";
import { folds, type Garment, type Piece, type Shape, shape, stitch, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { between, pick } from "./seeded-random.js";
import { heeledSole, laces, shine } from "./shoe-parts.js";

/** A leather shoe seen from its side, toe to the left: oxford, loafer, monk, chelsea boot or lace-up boot. */
export const drawClosedShoe: Shape = (variation, paint) => {
  const style = pick(["oxford", "loafer", "chelsea", "monk", "boot", "brogue"], variation.style);
  const tall = style === "chelsea" || style === "boot";
  const nose = between(-4, 10, variation.width);
  const upper = tall ? bootUpper(style, nose, between(92, 62, variation.height), paint) : lowUpper(style, nose, paint);
  return [...upper, ...heeledSole(between(10, 15, variation.length), between(18, 30, variation.height), paint)];
};

function lowUpper(style: string, nose: number, paint: Paint): Garment {
  const rise = style === "loafer" ? 14 : 0;
  const path = closed(
    [338, 256],
    [350, 226, 344, 196, 342, 176],
    [338, 168, 328, 166, 322, 172],
    [304, 190, 278, 192, 256, 172 + rise],
    [246, 158 + rise, 232, 156 + rise, 224, 164 + rise],
    [204, 190, 166, 208, 124, 214 + nose * 0.4],
    [76, 220 + nose, 42, 234 + nose * 0.6, 38, 258],
  );
  const lining = shape(
    closed([226, 164 + rise], [276, 152 + rise * 0.5, 338, 168], [322, 190, 280, 196, 256, 174 + rise]),
    paint.deep,
    paint.line,
  );
  const body: Piece = {
    path,
    inside:
      folds(
        [
          open([128, 220], [156, 232, 186, 226]),
          open([150, 212], [176, 222, 204, 214]),
          open([306, 192], [318, 220, 312, 252]),
        ],
        paint.shade,
        6,
        0.4,
      ) + shine(nose),
  };
  return [lining, body, ...lowDetails(style, paint, rise)];
}

function lowDetails(style: string, paint: Paint, rise: number): Garment {
  const cap = open([112, 216], [134, 232, 128, 258]);
  const counter = open([340, 200], [306, 206, 288, 230, 284, 256]);
  const quarter = open([222, 168 + rise], [210, 204, 226, 232, 232, 256]);
  if (style === "loafer") {
    const saddle: Piece = {
      path: closed([240, 170], [216, 180], [186, 206, 184, 256], [232, 256], [230, 216, 256, 190]),
      inside: "",
    };
    const apron = stroke(
      open([216, 190], [150, 206, 88, 222], [66, 230, 72, 240, 96, 240], [150, 240, 178, 232, 188, 226]),
      paint.line,
      2.2,
    );
    return [
      saddle,
      apron +
        shape(closed([204, 206], [224, 204], [222, 212], [202, 214]), paint.deep, paint.line) +
        stitch(counter, paint.line),
    ];
  }
  if (style === "monk") {
    const strap: Piece = {
      path: closed([262, 176], [222, 166], [186, 206], [176, 222], [190, 232], [226, 222, 268, 196]),
    };
    const buckle = shape(
      closed([182, 212], [200, 206], [206, 222], [188, 229]),
      "none",
      paint.metal,
      'style="stroke-width:3.4"',
    );
    return [stroke(cap, paint.line, 1.5) + stitch(counter, paint.line), strap, buckle];
  }
  const facing: Piece = {
    path: closed([256, 174], [232, 158, 226, 164], [206, 190], [184, 206], [206, 226], [240, 214, 268, 190]),
  };
  const holes =
    style === "brogue"
      ? stroke(open([122, 220], [144, 234, 136, 258]), paint.line, 3.2, 'stroke-dasharray="0.1 6"') +
        stroke(open([330, 208], [304, 214, 294, 236, 292, 256]), paint.line, 3.2, 'stroke-dasharray="0.1 6"')
      : "";
  return [
    stroke(cap, paint.line, 1.8) + stroke(quarter, paint.line, 1.4) + stitch(counter, paint.line) + holes,
    facing,
    laces(
      [
        [206, 200, 222, 212],
        [220, 186, 238, 200],
        [234, 172, 252, 186],
      ],
      paint,
    ),
  ];
}
