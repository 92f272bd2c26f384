import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { type CandidateColumns, createColumns } from "../src/domain/candidate-columns.js";
import { type CatalogItem, type CatalogItems, toItems } from "../src/domain/catalog.js";
import { toCandidate } from "../src/domain/catalog-candidates.js";
import { type ItemRecord, toItem } from "../src/domain/catalog-record.js";
import { readTextLines } from "./read-text-lines.js";

/** The items of an artifact's own `items.jsonl`, which stay there, and what ranking asks of each. */
export type ItemFile = Readonly<{ items: CatalogItems; columns: CandidateColumns; close: () => void }>;

/** Of a file that has just been written, by whoever asks about a few of its items. @throws RangeError when it has other rows */
export async function openItemFile(file: string, rows: number): Promise<ItemFile> {
  const columns = createColumns(rows);
  const starts = new Float64Array(rows + 1);
  let row = 0;
  for await (const line of readTextLines(createReadStream(file))) {
    if ("problem" in line) throw new Error(`${file} line ${line.line}: ${line.problem}`);
    columns.add(toCandidate(toItem(JSON.parse(line.text) as ItemRecord, row), "v5"));
    starts[row + 1] = starts[row]! + Buffer.byteLength(line.text) + 1;
    row += 1;
  }
  if (row !== rows) throw new RangeError(`${file} has ${row} items, not ${rows}`);
  const handle = openSync(file, "r");
  const read = (at: number): CatalogItem => {
    const bytes = Buffer.alloc(starts[at + 1]! - starts[at]! - 1);
    readSync(handle, bytes, 0, bytes.length, starts[at]!);
    return toItem(JSON.parse(bytes.toString()) as ItemRecord, at);
  };
  return { items: toItems(rows, read), columns: columns.done(), close: () => closeSync(handle) };
}
