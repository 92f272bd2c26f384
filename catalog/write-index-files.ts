import { type ArtifactFile, type ArtifactManifest, indexPaths } from "../src/domain/artifact.js";
import { writeFlatIndex } from "./faiss-flat-file.js";
import type { VectorFile } from "./vector-file.js";
import { writeCodes } from "./write-codes.js";

/**
 * Writes the index files of an artifact from its finished vectors, without holding those, and gives what the manifest
 * shall say of each, by path.
 */
export async function writeIndexFiles(
  folder: string,
  index: ArtifactManifest["index"],
  vectors: VectorFile,
): Promise<Readonly<Record<string, ArtifactFile>>> {
  if (index === "faiss") return { [indexPaths.faiss]: await writeFlatIndex(folder, vectors) };
  if (index === "codes") return { [indexPaths.codes]: await writeCodes(folder, vectors) };
  return {};
}
