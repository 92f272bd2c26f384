import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import opentype, { type Font } from "opentype.js";
import type { MeasureText, TextStyle } from "./fit-text.js";

/** A letter as an outline. `key` names it among all of the font; the outline is in units of the font, y upwards. */
export type SheetGlyph = Readonly<{ key: string; advance: number; path: string }>;

/**
 * The font that a sheet is drawn in, as outlines: a machine without fonts, such as the container, would leave text out
 * without a word.
 */
export type SheetFont = Readonly<{
  unitsPerEm: number;
  glyphs: (text: string, weight: TextStyle["weight"]) => readonly SheetGlyph[];
  measure: MeasureText;
  /** Characters of the text that was announced which the font lacks; they are drawn as boxes. */
  missing: readonly string[];
}>;

/** Inter (SIL Open Font License), as @fontsource ships it: one file an alphabet, the usual one first. */
const alphabets = ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "greek-ext", "vietnamese"] as const;
const weights = { regular: 400, semibold: 600 } as const;

/** Opens as many alphabets as the text needs. */
export async function openSheetFont(text: string): Promise<SheetFont> {
  let missing: readonly string[] = [...new Set(text)].filter((character) => character.trim() !== "");
  const opened: Readonly<Record<TextStyle["weight"], Font>>[] = [];
  for (const alphabet of alphabets) {
    if (opened.length > 0 && missing.length === 0) break;
    const fonts = { regular: await readFont(alphabet, "regular"), semibold: await readFont(alphabet, "semibold") };
    const left = missing.filter((character) => !fonts.regular.hasChar(character));
    if (opened.length > 0 && left.length === missing.length) continue;
    opened.push(fonts);
    missing = left;
  }
  const { unitsPerEm } = opened[0]!.regular;
  const known = new Map<string, SheetGlyph>();
  const glyph = (character: string, weight: TextStyle["weight"]): SheetGlyph => {
    const place = `${weight} ${character}`;
    const found = known.get(place) ?? toGlyph(opened, character, weight);
    known.set(place, found);
    return found;
  };
  const glyphs: SheetFont["glyphs"] = (line, weight) => [...line].map((character) => glyph(character, weight));
  return {
    unitsPerEm,
    glyphs,
    measure: (line, { size, weight }) =>
      glyphs(line, weight).reduce((sum, { advance }) => sum + (advance / unitsPerEm) * size, 0),
    missing,
  };
}

async function readFont(alphabet: string, weight: TextStyle["weight"]): Promise<Font> {
  const file = `@fontsource/inter/files/inter-${alphabet}-${weights[weight]}-normal.woff`;
  const bytes = await readFile(createRequire(import.meta.url).resolve(file));
  return opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
}

function toGlyph(
  opened: readonly Readonly<Record<TextStyle["weight"], Font>>[],
  character: string,
  weight: TextStyle["weight"],
): SheetGlyph {
  const place = Math.max(
    0,
    opened.findIndex((fonts) => fonts[weight].hasChar(character)),
  );
  const { index, advanceWidth, path } = opened[place]![weight].charToGlyph(character);
  return { key: `${weight.charAt(0)}${place}-${index}`, advance: advanceWidth, path: path.toPathData(0) };
}
