import { escapeHtml } from "../../deploy/load/html-text.js";
import type { Box, Layout } from "./box.js";
import { toWheelMarks, toWheelRing } from "./color-wheel.js";
import type { SheetFont } from "./sheet-font.js";
import { theme } from "./theme.js";

const panelRadius = 16;
/** A line's letters stand so far below its top, in sizes: Inter's capitals are then in the line's middle. */
const baseline = 1.01;
/** A picture loses so much at most to fill its place; one of another shape is shown whole. */
const mostCropped = 1.25;

type PictureBox = Extract<Box, { kind: "picture" }>;
type BarBox = Extract<Box, { kind: "bar" }>;
type TextBox = Extract<Box, { kind: "text" }>;

/**
 * A sheet as one SVG that needs nothing else: pictures are data URIs, letters are outlines, each defined once, and
 * every text can be read aloud by its label.
 */
export function drawSvg({ width, height, title, boxes }: Layout, font: SheetFont): string {
  const letters = new Map<string, string>();
  const drawn = boxes.map((box, i) => drawBox(box, i, font, letters));
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escapeHtml(title)}">
<title>${escapeHtml(title)}</title>
<defs><g id="ring">${toWheelRing()}</g>${[...letters].map(([key, path]) => `<path id="${key}" d="${path}"/>`).join("")}</defs>
<rect width="${width}" height="${height}" fill="${theme.ground}"/>
${drawn.filter(Boolean).join("\n")}
</svg>
`;
}

function drawBox(box: Box, i: number, font: SheetFont, letters: Map<string, string>): string {
  const { x, y, width, height } = box;
  const rectangle = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  switch (box.kind) {
    case "panel":
      return `<rect class="panel" ${rectangle} rx="${panelRadius}" fill="${theme.panel}" stroke="${theme.line}"/>`;
    case "picture":
      return drawPicture(box, i);
    case "text":
      return drawText(box, font, letters);
    case "swatch":
      return `<rect class="swatch" ${rectangle} rx="${width / 4}" fill="${box.fill}" stroke="#000" stroke-opacity=".14"/>`;
    case "bar":
      return drawBar(box, i);
    case "wheel": {
      const radius = width / 2;
      const marks = toWheelMarks(box.query, box.item);
      return `<g class="wheel" color="${theme.ink}" transform="translate(${x + radius} ${y + radius}) scale(${radius * 0.92})"><use href="#ring"/>${marks}</g>`;
    }
  }
}

function drawBar({ x, y, width, height, parts, outlined }: BarBox, i: number): string {
  const rectangle = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  const radius = Math.min(8, height / 2);
  let at = 0;
  const drawn = parts.map(({ fill, share }) => {
    const from = at;
    at += share;
    return `<rect x="${round(x + from * width)}" y="${y}" width="${round(share * width)}" height="${height}" fill="${fill}"/>`;
  });
  // A palette may begin or end in white.
  const outline = outlined ? `<rect ${rectangle} rx="${radius}" fill="none" stroke="#000" stroke-opacity=".14"/>` : "";
  const clip = `<clipPath id="c${i}"><rect ${rectangle} rx="${radius}"/></clipPath>`;
  const filled = `<g clip-path="url(#c${i})"><rect ${rectangle} fill="${theme.track}"/>${drawn.join("")}</g>`;
  return `<g class="bar">${clip}${filled}${outline}</g>`;
}

function drawPicture({ x, y, width, height, picture, colors, label }: PictureBox, i: number): string {
  const shape = toTopRounded(x, y, width, height);
  const ground = `<path d="${shape}" fill="${theme.mat}"/>`;
  const named = `<g class="picture" role="img" aria-label="${escapeHtml(label)}">`;
  if (picture?.kind !== "embedded") return `${named}${ground}${drawColors(colors, { x, y, width, height })}</g>`;
  const ratio = picture.ratio ?? 1;
  const crop = Math.max(ratio / (width / height), width / height / ratio);
  const fit = crop <= mostCropped ? "slice" : "meet";
  return `${named}${ground}<clipPath id="c${i}"><path d="${shape}"/></clipPath><image x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="xMidYMid ${fit}" clip-path="url(#c${i})" href="${picture.uri}"/></g>`;
}

/** In the place of a picture that nobody has: the garment's color. */
function drawColors(
  colors: readonly string[],
  { x, y, width, height }: Pick<Box, "x" | "y" | "width" | "height">,
): string {
  const side = Math.min(width, height) * 0.5;
  const [first] = colors;
  if (first === undefined) return "";
  return `<circle cx="${x + width / 2}" cy="${y + height / 2}" r="${side / 2}" fill="${first}" stroke="#000" stroke-opacity=".1"/>`;
}

function toTopRounded(x: number, y: number, width: number, height: number): string {
  const r = panelRadius;
  return `M${x} ${y + height}V${y + r}a${r} ${r} 0 0 1 ${r} ${-r}H${x + width - r}a${r} ${r} 0 0 1 ${r} ${r}V${y + height}Z`;
}

function drawText({ x, y, text, style, fill }: TextBox, font: SheetFont, letters: Map<string, string>): string {
  const scale = style.size / font.unitsPerEm;
  let at = 0;
  const uses = font.glyphs(text, style.weight).map(({ key, advance, path }) => {
    const place = at;
    at += advance;
    if (path === "") return "";
    letters.set(key, path);
    return place === 0 ? `<use href="#${key}"/>` : `<use href="#${key}" x="${place}"/>`;
  });
  const place = `translate(${round(x)} ${round(y + style.size * baseline)}) scale(${round6(scale)} ${round6(-scale)})`;
  return `<g class="text" role="img" aria-label="${escapeHtml(text)}" fill="${fill}" transform="${place}">${uses.join("")}</g>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Letters are two thousand units high. */
function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
