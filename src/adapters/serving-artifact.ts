import { join } from "node:path";
import { type ArtifactManifest, artifactPaths, indexPaths } from "../domain/artifact.js";
import { type CandidateColumns, createColumns } from "../domain/candidate-columns.js";
import { type Catalog, type CatalogItem, toItems } from "../domain/catalog.js";
import { toCandidate } from "../domain/catalog-candidates.js";
import { type ItemRecord, toItem } from "../domain/catalog-record.js";
import { type Pause, walkItems } from "./artifact-files.js";
import type { ArtifactWords } from "./artifact-words.js";
import type { PlacedCodes } from "./coded-index.js";
import { type CodesFile, openCodesFile } from "./codes-file.js";
import { checkVerifiedFile, readVerifiedFile } from "./verified-file.js";

/** A verified artifact of which only its codes and its items' lines are held, and of the items what ranking asks of each. */
export type CodedArtifact = ArtifactWords &
  Readonly<{ catalog: Catalog; columns: CandidateColumns; codes: CodesFile & PlacedCodes }>;

/**
 * Opens the artifact that `words` are of by its `index.codes`; the vectors themselves are verified and not held.
 * @throws Error as `readArtifact`
 */
export async function openCodedArtifact(folder: string, words: ArtifactWords, pause?: Pause): Promise<CodedArtifact> {
  const { manifest, digest } = words;
  const read = (path: string) => readVerifiedFile(folder, path, manifest.files[path]!);
  const { columns, ...catalog } = await openLines(folder, await read(artifactPaths.items), manifest, pause);
  const shape = { rows: manifest.counts.items, dimension: manifest.dimension };
  const codes = openCodesFile(join(folder, indexPaths.codes), await read(indexPaths.codes), shape);
  await checkVerifiedFile(folder, artifactPaths.embeddings, manifest.files[artifactPaths.embeddings]!);
  return { ...words, catalog: { ...catalog, digest }, columns, codes };
}

/** Items that stay the lines they are. */
async function openLines(folder: string, bytes: Uint8Array, manifest: ArtifactManifest, pause?: Pause) {
  const count = manifest.counts.items;
  const starts = new Float64Array(count + 1);
  const columns = createColumns(count);
  const file = join(folder, artifactPaths.items);
  const take = (item: CatalogItem, from: number, to: number) => {
    starts[item.row] = from;
    starts[item.row + 1] = to + 1;
    columns.add(toCandidate(item, "v5"));
  };
  const rowOfId = await walkItems(file, bytes, manifest, take, pause);
  return {
    items: toItems(count, createReader(bytes, starts)),
    rowOf: (id: string) => rowOfId.get(id),
    columns: columns.done(),
  };
}

/** Lines that have been parsed before, row by row between two neighbors of `starts`. */
function createReader(bytes: Uint8Array, starts: Float64Array): (row: number) => CatalogItem {
  const decoder = new TextDecoder();
  return (row) => {
    const line = decoder.decode(bytes.subarray(starts[row], starts[row + 1]! - 1));
    return toItem(JSON.parse(line) as ItemRecord, row);
  };
}
