import { Readable } from "node:stream";
import { type CsvError, type Info, type Parser, parse } from "csv-parse";
import type { ReadRecord } from "./item-lines.js";
import { readTextLines, type TextLine } from "./read-text-lines.js";

/** Far more than any item says; a quote that is never closed would make a record of the rest of the file. */
const maxRecordBytes = 2 ** 20;

type Row = Readonly<{ record: readonly string[]; info: Info }>;

type Refused = Readonly<{ line: number; problem: string }>;

/**
 * The records of a CSV file by RFC 4180, in UTF-8, fields separated by commas, as objects with the header's names. Blank
 * lines are passed over. Every record that cannot be read is named by the line that it begins in, if not in its turn.
 */
export async function* readCsvRecords(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRecord> {
  const refused: Refused[] = [];
  const parser = openParser(refused);
  const lines = Readable.from(toUnixLines(readTextLines(chunks), refused));
  lines.on("error", (error) => parser.destroy(error)).pipe(parser);
  let header: readonly string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<Row>) {
      if (isBlank(record)) continue;
      if (header !== null) {
        yield toRecord(info.lines - countLineFeeds(record), header, record);
        continue;
      }
      header = record;
      const problems = problemsOfHeader(header);
      yield* problems.map((problem) => ({ line: info.lines, problem }));
      if (problems.length > 0) return;
    }
    yield* refused;
  } finally {
    lines.destroy();
  }
}

/** The parser is ahead of whoever takes its records, and knows the line that it is at. */
function openParser(refused: Refused[]): Parser {
  let [ended, told] = [0, 0];
  let isLost = false;
  const refuse = (error: CsvError & Readonly<{ lines: number }>): void => {
    const { problem, isLast } = toProblem(error);
    const line = isLast ? ended + 1 : error.lines;
    // It finds the same fault in a line as often as there are quotes.
    if (!isLost && line !== told) refused.push({ line, problem });
    told = line;
    isLost ||= isLast;
  };
  return parse({
    info: true,
    record_delimiter: "\n",
    // Compared here, so that a record of another length is a line with a number and not the end.
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxRecordBytes,
    on_record: (row, { lines }) => {
      ended = lines;
      return row;
    },
    on_skip: (error) => {
      if (error !== undefined) refuse(error as CsvError & Readonly<{ lines: number }>);
      return undefined;
    },
  });
}

/** What the parser counts its lines by: it takes a carriage return for the end of one, and so does nobody else. */
async function* toUnixLines(lines: AsyncIterable<TextLine>, refused: Refused[]): AsyncGenerator<string> {
  for await (const each of lines) {
    if ("problem" in each) refused.push(each);
    else if (each.text.includes("\r")) refused.push({ line: each.line, problem: "it has a lone carriage return" });
    yield "text" in each ? `${each.text.replaceAll("\r", " ")}\n` : "\n";
  }
}

/** `isLast` where the parser cannot tell any more what is inside quotes and what is not. */
function toProblem({ code }: CsvError): Readonly<{ problem: string; isLast: boolean }> {
  if (code === "INVALID_OPENING_QUOTE") {
    return { problem: "a quote begins or ends a field, and is doubled inside a quoted one", isLast: false };
  }
  if (code === "CSV_INVALID_CLOSING_QUOTE") {
    const after = "after a field's closing quote comes a comma or the end of the line";
    return { problem: `${after}; what follows is not looked at`, isLast: true };
  }
  if (code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE") {
    return { problem: `a quote is not closed again, or not within ${maxRecordBytes} bytes`, isLast: true };
  }
  return { problem: `it cannot be read (${code})`, isLast: false };
}

/** A line of spaces, or a spreadsheet's empty row, which is commas alone. */
function isBlank(fields: readonly string[]): boolean {
  return fields.length === 1 ? fields[0]!.trim() === "" : fields.every((field) => field === "");
}

function countLineFeeds(fields: readonly string[]): number {
  return fields.reduce((count, field) => count + field.split("\n").length - 1, 0);
}

function problemsOfHeader(names: readonly string[]): readonly string[] {
  const twice = [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
  if (twice.length > 0) return twice.map((name) => `two columns are called ${JSON.stringify(name)}`);
  if (names.includes("id")) return [];
  const hint = names.length === 1 ? "; names are separated by commas" : "";
  return [`no column is called "id"${hint}`];
}

function toRecord(line: number, header: readonly string[], fields: readonly string[]): ReadRecord {
  if (fields.length !== header.length) {
    return { line, problem: `it has ${fields.length} fields, and the header has ${header.length}` };
  }
  return { line, value: Object.fromEntries(header.map((name, at) => [name, fields[at]])) };
}
