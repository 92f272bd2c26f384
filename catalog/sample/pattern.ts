import type { Rgb } from "../../src/domain/image.js";
import { brightness, mix, toCss } from "./paint.js";
import { between } from "./seeded-random.js";

/** What is woven into or printed on the cloth. */
export const patterns = ["plain", "pinstripes", "stripes", "bands", "checks", "dots", "denim"] as const;
export type Pattern = (typeof patterns)[number];

/** An SVG `pattern` definition with id `cloth`, or nothing for plain cloth. `size` in [0, 1] is its coarseness. */
export function clothPattern(pattern: Pattern, color: Rgb, size: number): string {
  if (pattern === "plain") return "";
  const contrast = toCss(brightness(color) > 0.55 ? mix(color, [40, 36, 60], 0.55) : mix(color, [252, 248, 240], 0.75));
  const gap = between(14, 34, size);
  const drawn = {
    pinstripes: [gap * 0.7, `<rect width="1.6" height="${gap}" fill="${contrast}" opacity="0.7"/>`],
    stripes: [gap, `<rect width="${gap * 0.3}" height="${gap}" fill="${contrast}" opacity="0.85"/>`],
    bands: [gap, `<rect width="${gap}" height="${gap * 0.32}" fill="${contrast}" opacity="0.9"/>`],
    checks: [
      gap * 1.4,
      `<rect width="${gap * 0.42}" height="${gap * 1.4}" fill="${contrast}" opacity="0.4"/><rect width="${gap * 1.4}" height="${gap * 0.42}" fill="${contrast}" opacity="0.4"/>`,
    ],
    dots: [gap, `<circle cx="${gap / 2}" cy="${gap / 2}" r="${gap * 0.16}" fill="${contrast}" opacity="0.9"/>`],
    denim: [4, `<path d="M0 4L4 0" stroke="${contrast}" stroke-width="0.9" opacity="0.35"/>`],
  } as const;
  const [side, marks] = drawn[pattern];
  return `<pattern id="cloth" width="${side}" height="${side}" patternUnits="userSpaceOnUse">${marks}</pattern>`;
}
