import type { Board } from "./board.js";
import type { Box, Layout, Place } from "./box.js";
import type { MeasureText } from "./fit-text.js";
import { layoutCard, toCardHeight } from "./layout-card.js";
import { layoutHero, partsOf, toHeroWords } from "./layout-hero.js";
import { toTextBoxes } from "./text-column.js";
import { theme } from "./theme.js";

const margin = 40;
const gap = 20;
/** Beside one row of cards, and beside more: its picture is then about as upright as photos of garments are. */
const heroWidths = { one: 420, more: 560 } as const;
/** The picture of what is asked about stays larger than any card's. */
const leastHeroPicture = 380;
/** The heading and the line below it. */
const headerHeight = 92;

/** Columns for so many cards, and how wide each is: few cards are large, many make a sheet that is still a page. */
function toGrid(count: number): Readonly<{ columns: number; cardWidth: number }> {
  if (count <= 3) return { columns: Math.max(1, count), cardWidth: [380, 380, 340, 310][count]! };
  const columns =
    count === 4 ? 2 : count <= 6 ? 3 : count <= 8 || count === 11 || count === 12 ? 4 : count <= 15 ? 5 : 6;
  return { columns, cardWidth: [0, 0, 310, 290, 268, 250, 240][columns]! };
}

/** A board as boxes with their places. Pure: the same board and font give the same sheet; no two boxes overlap. */
export function layoutBoard(board: Board, measure: MeasureText): Layout {
  const { cards, query } = board;
  const { columns, cardWidth } = toGrid(cards.length);
  const rows = Math.ceil(cards.length / columns);
  const top = margin + headerHeight;
  const heroWidth = rows > 1 ? heroWidths.more : heroWidths.one;
  const left = margin + heroWidth + gap;
  const leastHero = toHeroWords(board, partsOf(cards), heroWidth, measure) + leastHeroPicture;
  // Cards in a row of their own are as high as what stands beside them.
  const cardHeight = rows === 1 ? Math.max(leastHero, toCardHeight(cardWidth)) : toCardHeight(cardWidth);
  const heightOf = (count: number) => Math.max(0, count * (cardHeight + gap) - gap);
  // It ends where a row of cards does, at the second one at the latest, unless it needs more room.
  const heroHeight = Math.max(leastHero, heightOf(Math.min(rows, 2)));
  const width = left + columns * (cardWidth + gap) - gap + margin;
  const height = top + Math.max(heroHeight, heightOf(rows)) + margin;
  const toPlace = (i: number): Place => ({
    x: left + (i % columns) * (cardWidth + gap),
    y: top + Math.floor(i / columns) * (cardHeight + gap),
    width: cardWidth,
    height: cardHeight,
  });
  return {
    width,
    height,
    title: board.heading,
    boxes: [
      ...layoutHeader(board, { x: margin, y: margin, width: width - 2 * margin }, measure),
      ...layoutHero(board, { x: margin, y: top, width: heroWidth, height: heroHeight }, measure),
      ...cards.flatMap((card, i) => layoutCard(card, query.color, toPlace(i), measure)),
      ...(cards.length > 0 ? [] : layoutNothing({ x: left, y: top, width: cardWidth }, measure)),
    ],
  };
}

type Corner = Readonly<{ x: number; y: number; width: number }>;

function layoutHeader({ heading, facts }: Board, corner: Corner, measure: MeasureText): readonly Box[] {
  return [
    ...toTextBoxes(heading, { size: 34, weight: "semibold", fill: theme.ink }, corner, measure),
    ...toTextBoxes(facts.join("  ·  "), { size: 14, fill: theme.muted }, { ...corner, y: corner.y + 50 }, measure),
  ];
}

function layoutNothing(corner: Corner, measure: MeasureText): readonly Box[] {
  const line = { size: 16, fill: theme.muted, fit: 3 } as const;
  return toTextBoxes("The answer suggests no piece.", line, corner, measure);
}
