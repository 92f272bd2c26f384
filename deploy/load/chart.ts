import { escapeHtml } from "./html-text.js";

/** One line of a chart; a null leaves a gap. */
export type Series = Readonly<{ name: string; color: string; points: readonly (readonly [number, number | null])[] }>;

export type ChartSketch = Readonly<{
  title: string;
  xTitle: string;
  yTitle: string;
  series: readonly Series[];
  /** A dashed line across, such as a limit. */
  limit?: Readonly<{ name: string; y: number }> | null;
  /** Places below which something stands, and what; evenly spread numbers where it is not given. */
  xTicks?: readonly (readonly [number, string])[];
}>;

const [width, height, left, right, top, bottom] = [720, 280, 64, 16, 40, 44] as const;
const tickCount = 5;

/** Lines over x as an SVG fragment that needs nothing else; y begins at zero. */
export function drawChart({ title, xTitle, yTitle, series, limit = null, xTicks }: ChartSketch): string {
  const points = series.flatMap((each) => each.points);
  const xs = points.map(([x]) => x);
  const ys = points.flatMap(([, y]) => (y === null ? [] : [y]));
  if (ys.length === 0) return `<p>${escapeHtml(title)}: there is nothing to draw.</p>`;
  const [firstX, lastX] = [Math.min(...xs), Math.max(...xs)];
  const mostY = toRoundTop(Math.max(...ys, limit?.y ?? 0));
  const toX = (x: number) => left + ((width - left - right) * (x - firstX)) / (lastX - firstX || 1);
  const toY = (y: number) => height - bottom - ((height - top - bottom) * y) / (mostY || 1);
  const yTicks = Array.from({ length: tickCount + 1 }, (_, place) => (mostY * place) / tickCount);
  const shownX = xTicks?.filter(([x]) => x >= firstX && x <= lastX) ?? toEvenTicks(firstX, lastX);
  return `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">
<text x="${left}" y="18" class="title">${escapeHtml(title)}</text>
${yTicks.map((y) => `<path class="grid" d="M${left} ${toY(y).toFixed(1)}H${width - right}"/><text x="${left - 6}" y="${(toY(y) + 4).toFixed(1)}" text-anchor="end">${toShort(y)}</text>`).join("\n")}
${shownX.map(([x, name]) => `<text x="${toX(x).toFixed(1)}" y="${height - bottom + 16}" text-anchor="middle">${escapeHtml(name)}</text>`).join("\n")}
<text x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(xTitle)}</text>
<text x="14" y="${height / 2}" text-anchor="middle" transform="rotate(-90 14 ${height / 2})">${escapeHtml(yTitle)}</text>
${limit === null ? "" : `<path class="limit" d="M${left} ${toY(limit.y).toFixed(1)}H${width - right}"/><text x="${width - right}" y="${(toY(limit.y) - 4).toFixed(1)}" text-anchor="end">${escapeHtml(limit.name)}</text>`}
${series.map((each) => drawLine(each, toX, toY)).join("\n")}
</svg><figcaption>${series.map(({ name, color }) => `<i style="background:${color}"></i>${escapeHtml(name)}`).join(" ")}</figcaption></figure>`;
}

function drawLine({ color, points }: Series, toX: (x: number) => number, toY: (y: number) => number): string {
  let isDrawing = false;
  const steps = points.map(([x, y]) => {
    if (y === null) {
      isDrawing = false;
      return "";
    }
    const step = `${isDrawing ? "L" : "M"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`;
    isDrawing = true;
    return step;
  });
  const dots = points.flatMap(([x, y]) =>
    y === null ? [] : [`<circle cx="${toX(x).toFixed(1)}" cy="${toY(y).toFixed(1)}" r="2" fill="${color}"/>`],
  );
  return `<path d="${steps.join("")}" fill="none" stroke="${color}" stroke-width="1.6"/>${points.length > 60 ? "" : dots.join("")}`;
}

function toEvenTicks(first: number, last: number): readonly (readonly [number, string])[] {
  return Array.from({ length: tickCount + 1 }, (_, place) => {
    const x = first + ((last - first) * place) / tickCount;
    return [x, toShort(x)] as const;
  });
}

/** The next number that five parts make look well. */
function toRoundTop(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= most) ?? 10) * power;
}

/** A number as short as it may be without lying. */
export function toShort(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
