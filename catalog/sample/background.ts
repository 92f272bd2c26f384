import type { Rgb } from "../../src/domain/image.js";
import { mix, toCss } from "./paint.js";
import type { Frame } from "./placement.js";
import { createRandom, pick, type Random } from "./seeded-random.js";

/** What a garment lies on. `wood`, `tiles`, `blobs` and `cloth` are busy, like a photo taken at home. */
export type Background =
  | Readonly<{ kind: "solid"; color: Rgb }>
  | Readonly<{ kind: "gradient"; from: Rgb; to: Rgb }>
  | Readonly<{ kind: "wood" | "tiles" | "blobs" | "cloth"; seed: number }>;

export const white: Background = { kind: "solid", color: [255, 255, 255] };
export const gray: Background = { kind: "solid", color: [128, 128, 128] };
export const black: Background = { kind: "solid", color: [0, 0, 0] };

/** An SVG fragment that fills the frame. */
export function drawBackground(background: Background, frame: Frame): string {
  const { width, height } = frame;
  if (background.kind === "solid") return rect(0, 0, width, height, toCss(background.color));
  if (background.kind === "gradient") {
    const stops = `<stop offset="0" stop-color="${toCss(background.from)}"/><stop offset="1" stop-color="${toCss(background.to)}"/>`;
    return `<linearGradient id="ground" x1="0" y1="0" x2="0.25" y2="1">${stops}</linearGradient>${rect(0, 0, width, height, "url(#ground)")}`;
  }
  const random = createRandom(`background ${background.seed}`);
  return { wood, tiles, blobs, cloth }[background.kind](frame, random);
}

function wood({ width, height }: Frame, random: Random): string {
  const base = pick<Rgb>(
    [
      [176, 132, 88],
      [205, 170, 125],
      [120, 82, 54],
      [150, 140, 128],
    ],
    random(),
  );
  const across = random() < 0.5;
  const plank = 34 + random() * 50;
  const parts: string[] = [];
  for (let offset = -random() * plank; offset < (across ? height : width); offset += plank) {
    const tone = toCss(mix(base, random() < 0.5 ? [60, 40, 24] : [245, 226, 196], random() * 0.28));
    parts.push(across ? rect(0, offset, width, plank - 1.5, tone) : rect(offset, 0, plank - 1.5, height, tone));
    for (let grain = 0; grain < 5; grain++) {
      const at = offset + random() * plank;
      const sway = random() * 12 - 6;
      const path = across
        ? `M0 ${at}Q${width / 2} ${at + sway} ${width} ${at}`
        : `M${at} 0Q${at + sway} ${height / 2} ${at} ${height}`;
      parts.push(
        `<path d="${path}" fill="none" stroke="${toCss(mix(base, [50, 30, 18], 0.5))}" stroke-width="${0.6 + random() * 1.4}" opacity="0.4"/>`,
      );
    }
  }
  return rect(0, 0, width, height, toCss(mix(base, [30, 20, 12], 0.6))) + parts.join("");
}

function tiles({ width, height }: Frame, random: Random): string {
  const base = anyColor(random, 0.25);
  const side = 36 + random() * 50;
  const parts: string[] = [];
  for (let x = -random() * side; x < width; x += side) {
    for (let y = -random() * 4; y < height; y += side) {
      parts.push(
        rect(
          x,
          y,
          side - 2.5,
          side - 2.5,
          toCss(mix(base, random() < 0.5 ? [40, 40, 44] : [250, 250, 246], random() * 0.3)),
        ),
      );
    }
  }
  return rect(0, 0, width, height, toCss(mix(base, [90, 90, 90], 0.6))) + parts.join("");
}

function blobs({ width, height }: Frame, random: Random): string {
  const parts: string[] = [];
  for (let count = 0; count < 26; count++) {
    const color = toCss(anyColor(random, 0.75));
    const [x, y, reach] = [random() * width, random() * height, 16 + random() * 70];
    const turn = Math.round(random() * 180);
    parts.push(
      random() < 0.6
        ? `<ellipse cx="${x}" cy="${y}" rx="${reach}" ry="${reach * (0.4 + random() * 0.6)}" fill="${color}" transform="rotate(${turn} ${x} ${y})"/>`
        : `<rect x="${x - reach / 2}" y="${y - reach / 2}" width="${reach * 1.4}" height="${reach}" fill="${color}" transform="rotate(${turn} ${x} ${y})"/>`,
    );
  }
  const blur = random() < 0.5 ? `filter="url(#hazy)"` : "";
  return `${rect(0, 0, width, height, toCss(anyColor(random, 0.6)))}<filter id="hazy"><feGaussianBlur stdDeviation="6"/></filter><g ${blur}>${parts.join("")}</g>`;
}

function cloth({ width, height }: Frame, random: Random): string {
  const base = anyColor(random, 0.4);
  const parts: string[] = [];
  for (let count = 0; count < 12; count++) {
    const tone = toCss(mix(base, random() < 0.5 ? [30, 28, 40] : [255, 252, 246], 0.4));
    const [x, y] = [random() * width, random() * height];
    const path = `M${x - 200 * random()} ${y - 160 * random()}Q${x} ${y} ${x + 200 * random()} ${y + 200 * random()}`;
    parts.push(`<path d="${path}" fill="none" stroke="${tone}" stroke-width="${8 + random() * 26}" opacity="0.45"/>`);
  }
  const weave = `<pattern id="weave" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M0 0H5M0 0V5" stroke="#000" stroke-width="0.8" opacity="0.16"/></pattern>`;
  return `${weave}<filter id="hazy"><feGaussianBlur stdDeviation="7"/></filter>${rect(0, 0, width, height, toCss(base))}<g filter="url(#hazy)">${parts.join("")}</g>${rect(0, 0, width, height, "url(#weave)")}`;
}

function anyColor(random: Random, strength: number): Rgb {
  const value = 50 + random() * 190;
  const channel = () => Math.max(0, Math.min(255, Math.round(value + (random() - 0.5) * 2 * 140 * strength)));
  return [channel(), channel(), channel()];
}

function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`;
}
