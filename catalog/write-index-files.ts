import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type ArtifactFile, type IndexKind, indexPaths } from "../src/domain/artifact.js";
import type { IndexAgreement } from "../src/domain/index-agreement.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import { chooseIndex, type IndexWish, leastAgreement } from "./choose-index.js";
import { writeFlatIndex } from "./faiss-flat-file.js";
import type { VectorFile } from "./vector-file.js";
import { writeCodes } from "./write-codes.js";

/** The index of an artifact: its files by path, and how far its answers agree with those by whole vectors where that was measured. */
export type WrittenIndex = Readonly<{
  kind: IndexKind;
  files: Readonly<Record<string, ArtifactFile>>;
  agreement: IndexAgreement | null;
}>;

/**
 * Writes the index files of an artifact from its finished rows, without holding those.
 * @throws Error with one line where the index wanted cannot be had
 */
export async function writeIndexFiles(
  folder: string,
  vectors: VectorFile,
  wish: IndexWish & Readonly<{ rules: RankingRules }>,
): Promise<WrittenIndex> {
  const kind = chooseIndex(wish, vectors);
  if (kind === "none") return { kind, files: {}, agreement: null };
  if (kind === "faiss") return writeFlat(folder, vectors);
  const { file, agreement } = await writeCodes(folder, vectors, wish.rules);
  if (wish.index === "codes" || agreement.sameAnswer >= leastAgreement) {
    return { kind, files: { [indexPaths.codes]: file }, agreement };
  }
  await rm(join(folder, indexPaths.codes));
  // Whoever allows less memory than that has to ask for codes by name.
  chooseIndex({ ...wish, index: "faiss" }, vectors);
  return { ...(await writeFlat(folder, vectors)), agreement };
}

async function writeFlat(folder: string, vectors: VectorFile): Promise<WrittenIndex> {
  return { kind: "faiss", files: { [indexPaths.faiss]: await writeFlatIndex(folder, vectors) }, agreement: null };
}
