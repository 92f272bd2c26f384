import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createCodesFile } from "../src/adapters/codes-file.js";
import { type ArtifactFile, artifactPaths, indexPaths } from "../src/domain/artifact.js";
import { type CandidateColumns, createColumns } from "../src/domain/candidate-columns.js";
import { toCandidate } from "../src/domain/catalog-candidates.js";
import { toCatalogGroups } from "../src/domain/catalog-groups.js";
import { type ItemRecord, toItem } from "../src/domain/catalog-record.js";
import { encodeRows } from "../src/domain/row-codes.js";
import { readVectorBlocks, type VectorFile } from "./vector-file.js";
import { writeArtifactFile } from "./write-artifact-file.js";

const rowsAtOnce = 4096;
const pieceBytes = 1 << 24;

/**
 * Writes `index.codes` for the items and the vectors that are in the folder already: their rows in the order of their
 * groups, so that those a request looks at lie side by side.
 * @throws Error with one line when there are more rows than one file can hold.
 */
export async function writeCodes(folder: string, vectors: VectorFile): Promise<ArtifactFile> {
  const { rows, dimension } = vectors;
  const { bytes, rowOfPlace, codes } = createCodesFile(rows, dimension);
  rowOfPlace.set(toCatalogGroups(await readColumns(join(folder, artifactPaths.items), rows)).places);
  const placeOfRow = new Int32Array(rows);
  for (const [place, row] of rowOfPlace.entries()) placeOfRow[row] = place;
  for await (const { first, vectors: block } of readVectorBlocks(vectors, rowsAtOnce)) {
    for (let i = 0; i * dimension < block.length; i++) {
      encodeRows(codes, placeOfRow[first + i]!, block.subarray(i * dimension, (i + 1) * dimension));
    }
  }
  return writeArtifactFile(folder, indexPaths.codes, inPieces(bytes));
}

async function readColumns(file: string, rows: number): Promise<CandidateColumns> {
  const columns = createColumns(rows);
  let row = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    columns.add(toCandidate(toItem(JSON.parse(line) as ItemRecord, row++), "v5"));
  }
  if (row !== rows) throw new RangeError(`${file} has ${row} items, not ${rows}`);
  return columns.done();
}

function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
