import type { Board, BoardCard, BoardPart } from "./board.js";
import type { Box, Place } from "./box.js";
import type { MeasureText } from "./fit-text.js";
import { type TextLine, toLineHeight, toTextBoxes } from "./text-column.js";
import { partColors, theme } from "./theme.js";

const padding = 24;
/** As many categories as the usual five voters can name. */
const shownTally = 5;
const paletteHeight = 30;

const lines = {
  name: { size: 13, fill: theme.muted, fit: "middle" },
  category: { size: 28, weight: "semibold", fill: theme.ink },
  vote: { size: 14, fill: theme.muted, fit: 2 },
  notice: { size: 14, weight: "semibold", fill: theme.notice, fit: 3 },
  tally: { size: 13, fill: theme.ink },
  small: { size: 12, fill: theme.muted },
} as const satisfies Record<string, TextLine>;

/** What is asked about, large: `words` is how high the part below its picture is. */
export function toHeroWords(
  board: Board,
  cardParts: readonly BoardPart["name"][],
  width: number,
  measure: MeasureText,
) {
  const boxes = layoutWords(board, cardParts, { x: 0, y: 0, width }, measure);
  return Math.max(...boxes.map((box) => box.y + box.height)) + padding;
}

/** The panel of what is asked about: its picture fills what its words leave. */
export function layoutHero(board: Board, place: Place, measure: MeasureText): readonly Box[] {
  const parts = partsOf(board.cards);
  const words = toHeroWords(board, parts, place.width, measure);
  const { name, palette, picture } = board.query;
  const height = place.height - words;
  return [
    { kind: "panel", ...place },
    { kind: "picture", ...place, height, picture, colors: palette.map(({ hex }) => hex), label: name },
    ...layoutWords(board, parts, { ...place, y: place.y + height }, measure),
  ];
}

/** The parts that any card's score has, in the order in which bars show them. */
export function partsOf(cards: readonly BoardCard[]): readonly BoardPart["name"][] {
  const found = new Set(cards.flatMap(({ parts }) => parts.map(({ name }) => name)));
  return (Object.keys(partColors) as BoardPart["name"][]).filter((name) => found.has(name));
}

type Corner = Readonly<{ x: number; y: number; width: number }>;

function layoutWords(
  { query, notice }: Board,
  parts: readonly BoardPart["name"][],
  { x, y, width }: Corner,
  measure: MeasureText,
): readonly Box[] {
  const row = { x: x + padding, width: width - 2 * padding };
  const boxes: Box[] = [];
  let down = y + 20;
  const write = (text: string, line: TextLine, gap: number) => {
    const written = toTextBoxes(text, line, { ...row, y: down }, measure);
    boxes.push(...written);
    down += written.length * toLineHeight(line.size) + gap;
  };
  write(query.name, lines.name, 2);
  write(query.category, lines.category, 2);
  write(query.vote, lines.vote, 10);
  if (notice !== null) write(notice, lines.notice, 10);
  for (const { category, share } of query.tally.slice(0, shownTally)) {
    boxes.push(...layoutTally({ category, share }, { ...row, y: down }, measure));
    down += 24;
  }
  if (query.palette.length > 0) {
    const shown = query.palette.map(({ hex, share }) => ({ fill: hex, share }));
    boxes.push({ kind: "bar", ...row, y: down + 8, height: paletteHeight, outlined: true, parts: toWhole(shown) });
    down += paletteHeight + 14;
    write(query.palette.map(({ hex, share }) => `${hex} ${Math.round(share * 100)} %`).join("   "), lines.small, 0);
  }
  boxes.push(...layoutLegend(parts, { ...row, y: down + 12 }, measure));
  return boxes;
}

/** One category of the vote: its name, its share as a bar and in percent. */
function layoutTally(
  { category, share }: Readonly<{ category: string; share: number }>,
  { x, y, width }: Corner,
  measure: MeasureText,
): readonly Box[] {
  const [nameWidth, percentWidth, gap] = [Math.floor(width * 0.4), 48, 12];
  const [percent] = toTextBoxes(`${Math.round(share * 100)} %`, lines.tally, { x, y, width: percentWidth }, measure);
  const bar = { x: x + nameWidth + gap, y: y + 5, width: width - nameWidth - percentWidth - 2 * gap, height: 8 };
  return [
    ...toTextBoxes(category, lines.tally, { x, y, width: nameWidth }, measure),
    { kind: "bar", ...bar, outlined: false, parts: [{ fill: theme.ink, share }] },
    ...(percent === undefined ? [] : [{ ...percent, x: x + width - percent.width }]),
  ];
}

/** What the colors of the score bars mean, in as many rows as it takes. */
function layoutLegend(
  parts: readonly BoardPart["name"][],
  { x, y, width }: Corner,
  measure: MeasureText,
): readonly Box[] {
  const boxes: Box[] = [];
  const [side, gap] = [10, 6];
  let [right, down] = [x, y];
  for (const name of parts) {
    const [label] = toTextBoxes(name, lines.small, { x: right + side + gap, y: down, width }, measure);
    const taken = side + gap + (label?.width ?? 0);
    if (right > x && right + taken > x + width) [right, down] = [x, down + 20];
    boxes.push({ kind: "swatch", x: right, y: down + 3, width: side, height: side, fill: partColors[name] });
    if (label !== undefined) boxes.push({ ...label, x: right + side + gap, y: down });
    right += taken + 16;
  }
  return boxes;
}

/** Shares that fill the whole bar: rare colors are left out of a palette. */
function toWhole(parts: readonly Readonly<{ fill: string; share: number }>[]) {
  const sum = parts.reduce((total, { share }) => total + share, 0);
  return parts.map(({ fill, share }) => ({ fill, share: share / sum }));
}
