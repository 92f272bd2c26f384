import type { Paint } from "./paint.js";
import { mapPath, mirror } from "./path.js";

/** What makes one design differ from the next of its kind; each in [0, 1], read by each shape in its own way. */
export type Variation = Readonly<
  Record<"style" | "length" | "width" | "sleeve" | "collar" | "flare" | "detail" | "height" | "pattern", number>
>;

/** One cut of cloth or leather: a closed path, its fill (the base tone when absent) and what is drawn inside it. */
export type Piece = Readonly<{ path: string; fill?: string; inside?: string; plain?: boolean }>;

/** Pieces and loose details (SVG fragments) from back to front. Pieces alone make the silhouette. */
export type Garment = readonly (Piece | string)[];

/** A garment in the common view box, from its variation and tones. */
export type Shape = (variation: Variation, paint: Paint) => Garment;

/** The piece and its mirror image. `inside` is mirrored too. */
export function bothSides(piece: Piece): [Piece, Piece] {
  const inside = piece.inside === undefined ? {} : { inside: flipped(piece.inside) };
  return [{ ...piece, path: mirror(piece.path), ...inside }, piece];
}

/** An SVG fragment mirrored on the view box's vertical axis. */
export function flipped(fragment: string): string {
  return `<g transform="translate(400 0) scale(-1 1)">${fragment}</g>`;
}

/** The garment moved and scaled. */
export function moved(garment: Garment, x: number, y: number, scale: number): Garment {
  const wrap = (fragment: string) => `<g transform="translate(${x} ${y}) scale(${scale})">${fragment}</g>`;
  return garment.map((part) => {
    if (typeof part === "string") return wrap(part);
    const path = mapPath(part.path, (px, py) => [px * scale + x, py * scale + y]);
    return part.inside === undefined ? { ...part, path } : { ...part, path, inside: wrap(part.inside) };
  });
}

/** A drawn line. */
export function stroke(path: string, color: string, width: number, more = ""): string {
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round" ${more}/>`;
}

/** Machine stitching along a path. */
export function stitch(path: string, color: string): string {
  return stroke(path, color, 1.1, 'stroke-dasharray="3.2 2.6" opacity="0.75"');
}

/** Soft shadows of folds along paths; `strength` in [0, 1]. */
export function folds(paths: readonly string[], color: string, width = 7, strength = 0.35): string {
  const drawn = paths.map((path) => stroke(path, color, width)).join("");
  return `<g filter="url(#soft)" opacity="${strength}">${drawn}</g>`;
}

/** A small filled circle. */
export function dot(x: number, y: number, radius: number, fill: string, line = "none"): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}" stroke="${line}" stroke-width="0.8"/>`;
}

/** A filled path with an optional outline. */
export function shape(path: string, fill: string, line = "none", more = ""): string {
  return `<path d="${path}" fill="${fill}" stroke="${line}" stroke-width="1.2" stroke-linejoin="round" ${more}/>`;
}
