import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { itemTextRules } from "../src/domain/catalog-record.js";
import { isJsonObject, shown } from "../src/domain/json-fields.js";
import { readCsvRecords } from "./csv-records.js";
import { readTextLines } from "./read-text-lines.js";

/** What one line of an items file says of an item. Absent, null and empty fields are null. */
export type ItemLine = Readonly<{
  /** Line of the file that it begins in, from 1. */
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

/** What one line or record of an items file holds, by the line that it begins in; or why it cannot be read. */
export type ReadRecord = Readonly<{ line: number; value: unknown } | { line: number; problem: string }>;

/**
 * Reads an items file in UTF-8: CSV where its name ends so, else JSON Lines; blank lines are passed over.
 * Problems begin with `name`.
 * @throws Error with one line when unreadable.
 */
export async function readItemLines(file: string, name = file): Promise<ItemLines> {
  try {
    return await parseItemLines(createReadStream(file, { highWaterMark: 2 ** 20 }), name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new Error(`${file} cannot be read (${code})`, { cause: error });
  }
}

/** The bytes of an items file -> its lines and every problem in it, one a line, beginning with the file's name. */
export async function parseItemLines(bytes: AsyncIterable<Uint8Array>, file: string): Promise<ItemLines> {
  const records = extname(file).toLowerCase() === ".csv" ? readCsvRecords(bytes) : readJsonRecords(bytes);
  const lines: ItemLine[] = [];
  const problems: { line: number; problem: string }[] = [];
  const unknownFields = new Map<string, number>();
  const lineOfId = new Map<string, number>();
  for await (const record of records) {
    const { line } = record;
    const found = "problem" in record ? { problems: [record.problem] } : parseRecord(record.value, line, unknownFields);
    if ("problems" in found) {
      problems.push(...found.problems.map((problem) => ({ line, problem })));
      continue;
    }
    const other = lineOfId.get(found.id);
    if (other !== undefined) problems.push({ line, problem: `line ${other} has the same id ${shown(found.id)}` });
    lineOfId.set(found.id, line);
    lines.push(found);
  }
  const told = problems.toSorted((one, other) => one.line - other.line);
  return { lines, problems: told.map(({ line, problem }) => `${file} line ${line}: ${problem}`), unknownFields };
}

async function* readJsonRecords(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRecord> {
  for await (const each of readTextLines(bytes)) {
    if ("problem" in each) yield each;
    else if (each.text.trim() !== "") yield { line: each.line, value: parseJson(each.text) };
  }
}

function parseRecord(
  value: unknown,
  line: number,
  unknownFields: Map<string, number>,
): ItemLine | Readonly<{ problems: readonly string[] }> {
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
