import { extname } from "node:path";
import { replaceFile } from "../adapters/replace-file.js";
import type { Board } from "../sheet/board.js";
import { toBoardPage } from "../sheet/board-page.js";
import { drawSheet } from "../sheet/draw-sheet.js";
import { tell } from "./output.js";

const sheetFormats = ["png", "svg", "html"] as const;
type SheetFormat = (typeof sheetFormats)[number];

/** For help texts and complaints. */
export const sheetEndings = ".png, .svg or .html";

/** The format that a file's ending asks for; null for any other ending. */
export function toSheetFormat(file: string): SheetFormat | null {
  const ending = extname(file).slice(1).toLowerCase();
  return sheetFormats.find((format) => format === ending) ?? null;
}

/** Draws a board into a file, whole or not at all, and says so. @throws Error in one line when it cannot be written */
export async function writeSheet(file: string, board: Board, format: SheetFormat): Promise<void> {
  const { bytes, missing } =
    format === "html" ? { bytes: toBoardPage(board), missing: [] } : await drawSheet(board, format);
  await replaceFile(file, (handle) => handle.writeFile(bytes));
  tell(`wrote ${file}`);
  if (missing.length === 0) return;
  const shown = missing.slice(0, 10).join(" ");
  tell(`${missing.length} characters are drawn as boxes, the sheet's font has no letters for them: ${shown}`);
}
