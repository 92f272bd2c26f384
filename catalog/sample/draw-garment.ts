import type { Rgb } from "../../src/domain/image.js";
import { type Background, drawBackground } from "./background.js";
import type { Garment, Piece, Variation } from "./garment.js";
import { garmentShapes, type SampleCategory } from "./garment-shapes.js";
import { type Paint, toPaint } from "./paint.js";
import { clothPattern, type Pattern } from "./pattern.js";
import { type Frame, type Placement, type Pose, planCoverage, planFit, toTransform, uprightPose } from "./placement.js";
import { createRandom } from "./seeded-random.js";
import { toBounds, toSilhouette } from "./silhouette.js";

/** What to draw. `variation` is a seed, or the numbers themselves; `coverage` is a share of the picture in (0, 1). */
export type Drawing = Readonly<{
  category: SampleCategory;
  color: Rgb;
  variation: number | string | Variation;
  background: Background;
  coverage?: number;
  frame?: Frame;
  pose?: Pose;
  /** Share of the frame that the garment may fill when no coverage is asked. */
  fill?: number;
  pattern?: Pattern;
  /** CSS color of neutral details: buttons, laces, rubber soles. */
  trim?: string;
  shadow?: boolean;
}>;

const defaultFrame: Frame = { width: 400, height: 533 };

/** One picture of one garment, as SVG. The same drawing always gives the same text. */
export function drawGarment(drawing: Drawing): string {
  const { frame = defaultFrame, pattern = "plain", color, shadow = true } = drawing;
  const variation = toVariation(drawing.variation);
  const paint = toPaint(color, drawing.trim);
  const garment = garmentShapes[drawing.category](variation, paint);
  const transform = toTransform(planPlacement(garment, drawing, frame));
  const ground = shadow ? `<g transform="${transform}">${dropShadow(garment)}</g>` : "";
  const cloth = clothPattern(pattern, color, variation.pattern);
  const pieces = garment
    .map((part, place) => (typeof part === "string" ? part : drawPiece(part, place, paint, cloth !== "")))
    .join("");
  return page(
    frame,
    `${filters}${cloth}${drawBackground(drawing.background, frame)}${ground}<g transform="${transform}">${pieces}</g>`,
  );
}

/** The picture of `drawing` with the garment black and everything else white: its true coverage. */
export function drawMask(drawing: Drawing): string {
  const { frame = defaultFrame, color } = drawing;
  const garment = garmentShapes[drawing.category](toVariation(drawing.variation), toPaint(color, drawing.trim));
  const transform = toTransform(planPlacement(garment, drawing, frame));
  const pieces = garment.map((part) => (typeof part === "string" ? "" : `<path d="${part.path}"/>`)).join("");
  return page(
    frame,
    `<rect width="${frame.width}" height="${frame.height}" fill="#fff"/><g transform="${transform}">${pieces}</g>`,
  );
}

/** The numbers behind a seed; numbers stay as they are. */
export function toVariation(variation: number | string | Variation): Variation {
  if (typeof variation === "object") return variation;
  const random = createRandom(variation);
  return {
    style: random(),
    length: random(),
    width: random(),
    sleeve: random(),
    collar: random(),
    flare: random(),
    detail: random(),
    height: random(),
    pattern: random(),
  };
}

function planPlacement(
  garment: Garment,
  { coverage, fill = 0.84, pose = uprightPose }: Drawing,
  frame: Frame,
): Placement {
  return coverage === undefined
    ? planFit(toBounds(garment), frame, fill, pose)
    : planCoverage(toSilhouette(garment), frame, coverage, pose);
}

function drawPiece(piece: Piece, place: number, paint: Paint, patterned: boolean): string {
  const { path, fill = paint.base, inside = "", plain = false } = piece;
  const cloth = patterned && piece.fill === undefined ? `<path d="${path}" fill="url(#cloth)"/>` : "";
  const light = plain ? "" : volume(path, piece.fill === undefined ? paint : undefined);
  return (
    `<clipPath id="cut${place}"><path d="${path}"/></clipPath>` +
    `<g clip-path="url(#cut${place})"><path d="${path}" fill="${fill}"/>${cloth}${light}${inside}</g>` +
    `<path d="${path}" fill="none" stroke="${paint.line}" stroke-width="1.5" stroke-linejoin="round"/>`
  );
}

/** Light from the upper left: a soft shadow along the lower right edges, a soft gleam along the upper left ones. */
function volume(path: string, paint: Paint | undefined): string {
  const shade = paint?.shade ?? "#241c18";
  const light = paint?.light ?? "#ffffff";
  return (
    `<g filter="url(#round)"><path d="${path}" fill="none" stroke="${shade}" stroke-width="15" opacity="0.6" transform="translate(3 4)"/></g>` +
    `<g filter="url(#soft)"><path d="${path}" fill="none" stroke="${light}" stroke-width="6" opacity="0.5" transform="translate(-1 -1)" /></g>`
  );
}

function dropShadow(garment: Garment): string {
  const pieces = garment.map((part) => (typeof part === "string" ? "" : `<path d="${part.path}"/>`)).join("");
  return `<g filter="url(#far)" opacity="0.28" fill="#2a2230" transform="translate(5 9)">${pieces}</g>`;
}

const filters = [
  ["soft", 2.2],
  ["round", 6],
  ["far", 8],
]
  .map(
    ([id, blur]) =>
      `<filter id="${id}" x="-14%" y="-14%" width="128%" height="128%"><feGaussianBlur stdDeviation="${blur}"/></filter>`,
  )
  .join("");

function page({ width, height }: Frame, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${content}</svg>`;
}
