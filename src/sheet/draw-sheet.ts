import type { Board } from "./board.js";
import { drawPng } from "./draw-png.js";
import { drawSvg } from "./draw-svg.js";
import { layoutBoard } from "./layout-board.js";
import { openSheetFont } from "./sheet-font.js";

/** A board as a file, and the characters of it that could not be drawn: the sheet shows boxes in their place. */
export type Sheet = Readonly<{ bytes: Uint8Array; missing: readonly string[] }>;

/** The board as one picture. */
export async function drawSheet(board: Board, format: "svg" | "png"): Promise<Sheet> {
  const font = await openSheetFont(textOf(board));
  const layout = layoutBoard(board, font.measure);
  const svg = drawSvg(layout, font);
  const bytes = format === "svg" ? new TextEncoder().encode(svg) : await drawPng(svg, layout);
  return { bytes, missing: font.missing };
}

/** Every word that comes from outside; ours are plain ASCII. */
function textOf({ heading, facts, query, notice, cards }: Board): string {
  const { name, category, vote, tally } = query;
  const pieces = cards.flatMap((card) => [card.name, card.category, card.price ?? ""]);
  return [heading, ...facts, name, category, vote, ...tally.map((each) => each.category), notice ?? "", ...pieces].join(
    "",
  );
}
