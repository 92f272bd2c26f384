import { readFile } from "node:fs/promises";
import { itemTextRules } from "../src/domain/catalog-record.js";
import { isJsonObject, shown } from "../src/domain/json-fields.js";

/** What one line of an items file says of an item. Absent, null and empty fields are null. */
export type ItemLine = Readonly<{
  /** Line of the file, from 1. */
  line: number;
  id: string;
  category: string | null;
  gender: string | null;
  /** The picture, relative to the pictures' folder, forward slashes. */
  path: string | null;
  title: string | null;
  price: string | null;
  url: string | null;
  imageUrl: string | null;
}>;

/** The lines of an items file; `unknownFields` counts the lines that have a field which no item has. */
export type ItemLines = Readonly<{
  lines: readonly ItemLine[];
  problems: readonly string[];
  unknownFields: ReadonlyMap<string, number>;
}>;

const fields = Object.keys(itemTextRules) as (keyof typeof itemTextRules)[];

/** Reads an items file, JSON Lines in UTF-8; blank lines are passed over. @throws Error with one line when unreadable. */
export async function readItemLines(file: string): Promise<ItemLines> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code})`, { cause: error });
  });
  return parseItemLines(bytes.toString("utf8"), file);
}

/** The text of an items file -> its lines and every problem in it, one a line, beginning with the file's name. */
export function parseItemLines(text: string, file: string): ItemLines {
  const lines: ItemLine[] = [];
  const problems: string[] = [];
  const unknownFields = new Map<string, number>();
  const lineOfId = new Map<string, number>();
  for (const [i, content] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (content.trim() === "") continue;
    const found = parseLine(content, i + 1, unknownFields);
    if ("problems" in found) {
      problems.push(...found.problems.map((problem) => `${file} line ${i + 1}: ${problem}`));
      continue;
    }
    const other = lineOfId.get(found.id);
    if (other !== undefined) problems.push(`${file} line ${i + 1}: line ${other} has the same id ${shown(found.id)}`);
    lineOfId.set(found.id, i + 1);
    lines.push(found);
  }
  return { lines, problems, unknownFields };
}

function parseLine(
  content: string,
  line: number,
  unknownFields: Map<string, number>,
): ItemLine | Readonly<{ problems: readonly string[] }> {
  const value = parseJson(content);
  if (!isJsonObject(value)) return { problems: ["it is not a JSON object"] };
  for (const field of Object.keys(value)) {
    if (!Object.hasOwn(itemTextRules, field)) unknownFields.set(field, (unknownFields.get(field) ?? 0) + 1);
  }
  const texts = Object.fromEntries(fields.map((field) => [field, toText(field, value)]));
  const problems = fields
    .filter((field) => !(texts[field] === null ? field !== "id" : itemTextRules[field].accepts(texts[field])))
    .map((field) => `${field} must be ${itemTextRules[field].expected}, not ${shown(texts[field])}`);
  if (problems.length > 0) return { problems };
  const { image_url, ...rest } = texts;
  // Every field has passed its rule.
  return { line, ...rest, imageUrl: image_url } as ItemLine;
}

/** Exports write absent fields in many ways; and a price or an id may well be a number. */
function toText(field: string, value: Readonly<Record<string, unknown>>): unknown {
  const given = Object.hasOwn(value, field) ? value[field] : undefined;
  if (given === undefined || given === null || given === "") return null;
  const isNumber = (field === "price" || field === "id") && typeof given === "number" && Number.isFinite(given);
  const text = isNumber ? String(given) : given;
  return field === "path" && typeof text === "string" ? text.replaceAll("\\", "/").replace(/^\.\//, "") : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
