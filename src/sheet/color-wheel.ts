import type { BoardColor } from "./board.js";

/** Parts of the wheel, as shares of its radius: the ring of hues, and the arc from one hue to the other inside it. */
export const wheel = { outer: 1, inner: 0.66, arc: 0.5, dot: 0.24 } as const;

const turn = 2 * Math.PI;

/** Where a hue lies on a wheel of radius 1 around (0, 0): red at the top, clockwise. */
function toWheelPoint(hue: number, radius: number): Readonly<{ x: number; y: number }> {
  return { x: Math.sin(hue * turn) * radius, y: -Math.cos(hue * turn) * radius };
}

/** SVG of both colors on a wheel of radius 1 around (0, 0); the shorter arc joins them where both hues count. */
export function toWheelMarks(query: BoardColor, item: BoardColor): string {
  const arc = query.isNeutral || item.isNeutral ? "" : toArc(query.hue, item.hue);
  return `${arc}${toDot(query, -1)}${toDot(item, 1)}`;
}

/** A neutral color has no place on the ring: it lies in the middle, a little to its side. */
function toDot({ hex, hue, isNeutral }: BoardColor, side: -1 | 1): string {
  const { x, y } = isNeutral ? { x: 0.2 * side, y: 0 } : toWheelPoint(hue, (wheel.outer + wheel.inner) / 2);
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${wheel.dot}" fill="${hex}" stroke="#fff" stroke-width=".09"/>`;
}

function toArc(from: number, to: number): string {
  const start = toWheelPoint(from, wheel.arc);
  const end = toWheelPoint(to, wheel.arc);
  const ahead = (to - from + 1) % 1;
  const sweep = ahead <= 0.5 ? 1 : 0;
  const path = `M${round(start.x)} ${round(start.y)}A${wheel.arc} ${wheel.arc} 0 0 ${sweep} ${round(end.x)} ${round(end.y)}`;
  return `<path d="${path}" fill="none" stroke="currentColor" stroke-width=".08" stroke-linecap="round"/>`;
}

/** The ring of hues as SVG, of radius 1 around (0, 0). */
export function toWheelRing(): string {
  const steps = 48;
  return Array.from({ length: steps }, (_, i) => {
    // A hair's overlap: otherwise the ground shines through between two steps.
    const [from, to] = [i / steps, (i + 1.15) / steps];
    const [a, b] = [toWheelPoint(from, wheel.outer), toWheelPoint(to, wheel.outer)];
    const [c, d] = [toWheelPoint(to, wheel.inner), toWheelPoint(from, wheel.inner)];
    const path = [
      `M${round(a.x)} ${round(a.y)}`,
      `A1 1 0 0 1 ${round(b.x)} ${round(b.y)}`,
      `L${round(c.x)} ${round(c.y)}`,
      `A${wheel.inner} ${wheel.inner} 0 0 0 ${round(d.x)} ${round(d.y)}Z`,
    ];
    return `<path fill="${toRingColor((i + 0.5) / steps)}" d="${path.join("")}"/>`;
  }).join("");
}

/** Saturated enough to tell hues apart, pale enough that a dot of any color stands out. */
export const ringColor = { saturation: 60, lightness: 68 } as const;

function toRingColor(hue: number): string {
  return `hsl(${round(hue * 360)},${ringColor.saturation}%,${ringColor.lightness}%)`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
