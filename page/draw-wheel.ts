import { ringPath, toCss, toWheel } from "./color-wheel.js";
import { drawing } from "./element.js";
import type { HarmonyReason } from "./reply.js";
import { harmonySentence } from "./words.js";

const slices = 48;
const ring = { inner: 0.8, outer: 1.12 };
const openings = { inner: 0.3, outer: 0.68 };

let ringOnce: SVGGElement | null = null;

/** Every hue around, drawn once and copied from then on. */
function drawRing(): Node {
  if (ringOnce === null) {
    const step = 360 / slices;
    const paths = Array.from({ length: slices }, (_, at) =>
      // A little overlap, or the ground shines through between two slices.
      drawing("path", {
        d: ringPath([at * step, (at + 1) * step + 0.6], ring.inner, ring.outer),
        fill: `hsl(${at * step + step / 2} 62% 56%)`,
      }),
    );
    ringOnce = drawing("g", {}, ...paths);
  }
  return ringOnce.cloneNode(true);
}

/** Both hues on the wheel, and the part of it that the rule opens. */
export function drawWheel(reason: HarmonyReason): SVGSVGElement {
  const { query, item, arcs } = toWheel(reason);
  const label = `Color wheel: ${harmonySentence(reason.rule).toLowerCase()}`;
  const line = item === null ? null : `M${query.x * 0.96} ${query.y * 0.96}L0 0L${item.x * 0.96} ${item.y * 0.96}`;
  return drawing(
    "svg",
    { class: "wheel", viewBox: "-1.25 -1.25 2.5 2.5", role: "img", "aria-label": label },
    drawRing(),
    ...arcs.map((arc) => drawing("path", { class: "wheel-arc", d: ringPath(arc, openings.inner, openings.outer) })),
    line === null ? null : drawing("path", { class: "wheel-line", d: line }),
    drawDot(query, toCss(reason.query.rgb), "wheel-dot"),
    item === null || reason.item === null ? null : drawDot(item, toCss(reason.item.rgb), "wheel-dot is-item"),
  );
}

function drawDot({ x, y }: Readonly<{ x: number; y: number }>, color: string, className: string): SVGCircleElement {
  const radius = className.includes("is-item") ? 0.15 : 0.21;
  return drawing("circle", { class: className, cx: x * 0.96, cy: y * 0.96, r: radius, fill: color });
}
