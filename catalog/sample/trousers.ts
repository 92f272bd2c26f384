import { bothSides, folds, type Garment, type Piece, type Shape, stroke } from "./garment.js";
import type { Paint } from "./paint.js";
import { closed, open } from "./path.js";
import { between, pick } from "./seeded-random.js";
import { type Cut, ending, fly, outerHem, sideStripe, waistband } from "./trouser-parts.js";

/** Long trousers: slim, straight, wide, flared, cargo or jogger. */
export const drawPants: Shape = (variation, paint) => {
  const style = pick(["slim", "straight", "wide", "flared", "cargo", "jogger"], variation.style);
  const knee = { slim: 38, straight: 44, wide: 58, flared: 40, cargo: 52, jogger: 46 }[style];
  const hem = { slim: 30, straight: 42, wide: 70, flared: 62, cargo: 48, jogger: 28 }[style];
  const cut: Cut = {
    waist: between(56, 62, variation.width),
    hip: between(72, 80, variation.width) + (style === "wide" ? 6 : 0),
    knee: knee + between(-3, 4, variation.flare),
    hem: hem + between(-3, 5, variation.flare),
    top: 30,
    crotch: between(132, 144, variation.height),
    bottom: between(344, 378, variation.length),
    gap: style === "wide" || style === "flared" ? 6 : between(8, 16, variation.collar),
  };
  const crease = variation.detail > 0.5 && (style === "slim" || style === "straight" || style === "wide");
  return [...body(cut, paint, crease, style === "jogger"), ...ending(style, cut, paint)];
};

/** Shorts: tailored, denim, running or cargo, from short to knee length. */
export const drawShorts: Shape = (variation, paint) => {
  const style = pick(["tailored", "denim", "sport", "cargo"], variation.style);
  const bottom = between(218, 292, variation.length);
  const cut: Cut = {
    waist: between(74, 82, variation.width),
    hip: between(94, 104, variation.width),
    knee: between(50, 60, variation.flare),
    hem: between(52, 64, variation.flare),
    top: 82,
    crotch: 190,
    bottom,
    gap: 7,
  };
  const hem = style === "denim" || variation.detail > 0.6 ? ending("turned", cut, paint) : ending(style, cut, paint);
  const stripes = style === "sport" ? sideStripe(cut, paint) : [];
  return [...body(cut, paint, style === "tailored", style === "sport"), ...stripes, ...hem];
};

/** A leg that ends above the knee: its seams fall straight. */
function shortLeg(cut: Cut): string {
  const { waist, hip, hem, top, crotch, bottom, gap } = cut;
  const center = 200 + gap / 2 + (hip - gap / 2) * 0.56;
  const inner = Math.max(200 + gap / 2, center - hem * 0.9);
  return closed(
    [199, top],
    [200 + waist, top],
    [200 + waist + 4, top + 40, 200 + hip - 2, top + 60, 200 + hip, crotch],
    [200 + hip + 3, between(crotch, bottom, 0.5), outerHem(cut), bottom],
    [center, bottom + 6, inner, bottom],
    [inner + 2, crotch + 22, 199, crotch],
  );
}

function leg(cut: Cut): string {
  const { waist, hip, knee, hem, top, crotch, bottom, gap } = cut;
  const middle = between(crotch, bottom, 0.45);
  const center = 200 + gap / 2 + (hip - gap / 2) * 0.56;
  const spread = Math.max(0, (hem - 44) * 0.3);
  const inner = (half: number) => Math.max(200 + gap / 2, center - half + spread * 0.5);
  return closed(
    [199, top],
    [200 + waist, top],
    [200 + waist + 4, top + 40, 200 + hip, top + 60, 200 + hip, crotch],
    [200 + hip, crotch + 40, center + knee + spread * 0.6, middle - 30, center + knee * 0.92, middle],
    [center + knee * 0.92, middle + 30, center + hem * 0.9 + spread, bottom - 40, center + hem * 0.9 + spread, bottom],
    [center, bottom + 6, inner(hem * 0.9), bottom],
    [inner(knee * 0.9), middle + 20, inner(knee * 0.9) - 2, middle - 20, 199, crotch],
  );
}

function body(cut: Cut, paint: Paint, crease: boolean, elastic: boolean): Garment {
  const { waist, hip, top, crotch, bottom, gap } = cut;
  const center = 200 + gap / 2 + (hip - gap / 2) * 0.56;
  const shadows = [
    open([204, crotch - 4], [222, crotch + 8, 240, crotch + 2]),
    open([203, crotch + 2], [216, crotch + 26, 222, crotch + 50]),
    open([200 + hip - 4, crotch - 20], [200 + hip - 26, crotch - 8, 200 + hip - 38, crotch - 16]),
    open([center - 20, bottom], [center - 12, bottom - 30, center - 18, bottom - 60]),
  ];
  if (bottom - crotch > 130) {
    const knee = between(crotch, bottom, 0.48);
    shadows.push(
      open([center - 24, knee], [center - 4, knee + 10, center + 14, knee]),
      open([center - 10, knee + 24], [center + 6, knee + 30, center + 24, knee + 20]),
    );
  }
  const pressed = crease
    ? stroke(open([center - 2, crotch - 10], [center + 2, bottom - 6]), paint.line, 1.3, 'opacity="0.55"')
    : "";
  const right: Piece = {
    path: bottom - crotch > 130 ? leg(cut) : shortLeg(cut),
    inside: folds(shadows, paint.shade, 8, 0.4) + pressed,
  };
  return [...bothSides(right), ...waistband(waist, top, paint, elastic), fly(cut, paint, elastic)];
}
