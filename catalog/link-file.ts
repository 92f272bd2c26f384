import { copyFile, link, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ArtifactFile } from "../src/domain/artifact.js";

/** Another folder that may be on another disk, a disk without links, one with too many, and a file of another user. */
const cannotLink = ["EXDEV", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EPERM", "EACCES"];

/**
 * Puts a file of one artifact into another one, without a second copy where the disk can do that: files of artifacts are
 * never written again. Gives what is known of it, for the other's manifest.
 */
export async function linkArtifactFile(
  from: string,
  folder: string,
  path: string,
  known: ArtifactFile,
): Promise<ArtifactFile> {
  const to = join(folder, path);
  await linkOrCopy(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    // Tried first: only the first of a hundred thousand thumbnails finds no folder.
    await mkdir(dirname(to), { recursive: true });
    await linkOrCopy(from, to);
  });
  return { sha256: known.sha256, bytes: known.bytes };
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!cannotLink.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await copyFile(from, to);
  }
}
