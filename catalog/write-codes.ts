import { join } from "node:path";
import type { PlacedCodes } from "../src/adapters/coded-index.js";
import { type CodesFile, createCodesFile } from "../src/adapters/codes-file.js";
import { type ArtifactFile, artifactPaths, indexPaths } from "../src/domain/artifact.js";
import type { CandidateColumns } from "../src/domain/candidate-columns.js";
import { toCatalogGroups } from "../src/domain/catalog-groups.js";
import type { IndexAgreement } from "../src/domain/index-agreement.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import { encodeRows } from "../src/domain/row-codes.js";
import { openItemFile } from "./item-file.js";
import { measureCodes } from "./measure-codes.js";
import { readVectorBlocks, type VectorFile } from "./vector-file.js";
import { writeArtifactFile } from "./write-artifact-file.js";

const rowsAtOnce = 4096;
const pieceBytes = 1 << 24;

/**
 * Writes `index.codes` for the items and the vectors that are in the folder already, their rows in the order of their
 * groups, so that those a request looks at lie side by side; and measures how far its answers agree with the vectors' own.
 * @throws Error with one line when there are more rows than one file can hold.
 */
export async function writeCodes(
  folder: string,
  vectors: VectorFile,
  rules: RankingRules,
): Promise<Readonly<{ file: ArtifactFile; agreement: IndexAgreement }>> {
  const { items, columns, close } = await openItemFile(join(folder, artifactPaths.items), vectors.rows);
  try {
    const file = await encodeAll(vectors, columns);
    const agreement = await measureCodes({ file, vectors, columns, items, rules });
    return { file: await writeArtifactFile(folder, indexPaths.codes, inPieces(file.bytes)), agreement };
  } finally {
    close();
  }
}

async function encodeAll(vectors: VectorFile, columns: CandidateColumns): Promise<CodesFile & PlacedCodes> {
  const { rows, dimension } = vectors;
  const file = createCodesFile(rows, dimension);
  file.rowOfPlace.set(toCatalogGroups(columns).places);
  const placeOfRow = new Int32Array(rows);
  for (const [place, row] of file.rowOfPlace.entries()) placeOfRow[row] = place;
  for await (const { first, vectors: block } of readVectorBlocks(vectors, rowsAtOnce)) {
    for (let i = 0; i * dimension < block.length; i++) {
      encodeRows(file.codes, placeOfRow[first + i]!, block.subarray(i * dimension, (i + 1) * dimension));
    }
  }
  return { ...file, placeOfRow };
}

function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
