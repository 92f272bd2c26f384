import type { BoardCard, BoardColor } from "./board.js";
import type { Box, Place } from "./box.js";
import type { MeasureText } from "./fit-text.js";
import { type TextLine, toTextBoxes } from "./text-column.js";
import { partColors, theme } from "./theme.js";

/** Height of a card's picture for its width: a little upright, as garments are. */
const pictureRatio = 1.16;
const padding = 16;
const wheelSide = 56;
const swatchSide = 18;

const lines = {
  category: { size: 12, weight: "semibold", fill: theme.muted },
  price: { size: 13, weight: "semibold", fill: theme.ink },
  title: { size: 15, weight: "semibold", fill: theme.ink, fit: 2 },
  id: { size: 14, weight: "semibold", fill: theme.ink, fit: "middle" },
  score: { size: 24, weight: "semibold", fill: theme.ink },
  small: { size: 12, fill: theme.muted },
  rule: { size: 13, weight: "semibold", fill: theme.ink },
} as const satisfies Record<string, TextLine>;

/** From the picture's lower edge: the row's top. */
const rows = { category: 14, title: 34, score: 80, bar: 116, match: 136 } as const;

const wordsHeight = rows.match + wheelSide + padding;

/** How high a card of this width wants to be, whatever is on it; in a higher place its picture is higher. */
export function toCardHeight(width: number): number {
  return Math.round(width * pictureRatio) + wordsHeight;
}

/** A suggested piece: its picture, what it is, its score and why. */
export function layoutCard(
  card: BoardCard,
  query: BoardColor | null,
  place: Place,
  measure: MeasureText,
): readonly Box[] {
  const { x, y, width } = place;
  const pictureHeight = place.height - wordsHeight;
  const below = y + pictureHeight;
  const inner = { x: x + padding, width: width - 2 * padding };
  const colors = card.color === null ? [] : [card.color.hex];
  const at = (row: keyof typeof rows) => ({ ...inner, y: below + rows[row] });
  return [
    { kind: "panel", ...place },
    { kind: "picture", x, y, width, height: pictureHeight, picture: card.picture, colors, label: card.name },
    ...layoutTopLine(card, at("category"), measure),
    ...toTextBoxes(card.name, card.isTitle ? lines.title : lines.id, at("title"), measure),
    ...layoutScore(card, at("score"), measure),
    ...(card.parts.length === 0 ? [] : [toScoreBar(card, at("bar"))]),
    ...layoutMatch(card, query, at("match"), measure),
  ];
}

type Row = Readonly<{ x: number; y: number; width: number }>;

/** The category at the left, the price at the right; each gives way to the other. */
function layoutTopLine({ rank, category, price }: BoardCard, row: Row, measure: MeasureText): readonly Box[] {
  const most = Math.floor(row.width * 0.55);
  const priced = price === null ? [] : toTextBoxes(price, lines.price, { ...row, width: most }, measure);
  const priceWidth = priced[0]?.width ?? 0;
  const left = { ...row, width: row.width - (priceWidth === 0 ? 0 : priceWidth + 10) };
  return [
    ...toTextBoxes(`${rank}  ${category}`, lines.category, left, measure),
    ...priced.map((box) => ({ ...box, x: row.x + row.width - box.width })),
  ];
}

function layoutScore({ score, boosted, parts }: BoardCard, row: Row, measure: MeasureText): readonly Box[] {
  const shown = toTextBoxes(score === null ? "no score" : score.toFixed(2), lines.score, row, measure);
  const taken = (shown[0]?.width ?? 0) + 10;
  const boost = parts.find(({ name }) => name === "boost")?.share ?? 0;
  if (!boosted) return shown;
  const label = boost === 0 ? "boosted" : `+${boost.toFixed(2)} boost`;
  return [
    ...shown,
    ...toTextBoxes(label, lines.small, { x: row.x + taken, y: row.y + 11, width: row.width - taken }, measure),
  ];
}

/** A v4 score may exceed 1; its bar is then full. */
function toScoreBar({ parts }: BoardCard, { x, y, width }: Row): Box {
  const whole = Math.max(
    1,
    parts.reduce((sum, { share }) => sum + share, 0),
  );
  const shown = parts.map(({ name, share }) => ({ fill: partColors[name], share: share / whole }));
  return { kind: "bar", x, y, width, height: 8, outlined: false, parts: shown };
}

/** The wheel with both hues, the two colors side by side, and the rule that they fall under. */
function layoutMatch(card: BoardCard, query: BoardColor | null, row: Row, measure: MeasureText): readonly Box[] {
  const { color, match } = card;
  if (query === null || color === null) {
    const label = match === null ? "color not compared" : "its color is not known";
    return toTextBoxes(label, lines.small, { ...row, y: row.y + 20 }, measure);
  }
  const x = row.x + wheelSide + 12;
  const swatch = { kind: "swatch", y: row.y + 6, width: swatchSide, height: swatchSide } as const;
  const afterSwatches = x + 2 * swatchSide + 10;
  const hexRow = { x: afterSwatches, y: row.y + 7, width: row.x + row.width - afterSwatches };
  const words = match === null ? "color not compared" : toRuleText(match);
  return [
    { kind: "wheel", x: row.x, y: row.y, width: wheelSide, height: wheelSide, query, item: color },
    { ...swatch, x, fill: query.hex },
    { ...swatch, x: x + swatchSide + 2, fill: color.hex },
    ...toTextBoxes(color.hex, lines.small, hexRow, measure),
    ...toTextBoxes(words, lines.rule, { x, y: row.y + 32, width: row.x + row.width - x }, measure),
  ];
}

/** The rule's name, with what it went by. */
export function toRuleText({ rule, degrees }: NonNullable<BoardCard["match"]>): string {
  return degrees === null ? rule : `${rule}, ${degrees}°`;
}
