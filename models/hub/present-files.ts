import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { agrees, digestFile, type FileDigests } from "./file-digest.js";
import { explainFileProblem } from "./file-problem.js";
import type { DeclaredFile } from "./hub-repository.js";
import type { ModelLock } from "./model-lock.js";

/** The files of a lock that are not in its folder with the size and digest that it says. */
export async function findDamaged(folder: string, lock: ModelLock, signal: AbortSignal): Promise<readonly string[]> {
  const damaged: string[] = [];
  for (const [file, { bytes, sha256 }] of Object.entries(lock.files)) {
    const found = await look(folder, file);
    const isWhole = found?.isFile() === true && found.size === bytes;
    if (!isWhole || (await digest(folder, file, bytes, signal)).sha256 !== sha256) damaged.push(file);
  }
  return damaged;
}

/**
 * The declared files that are in a folder already, with their digests.
 * @throws Error when one of the same name is another file, and no earlier pull put it there.
 */
export async function findReplaceable(
  folder: string,
  declared: readonly DeclaredFile[],
  lock: ModelLock | null,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FileDigests>> {
  const present = new Map<string, FileDigests>();
  for (const each of declared) {
    const found = await look(folder, each.file);
    if (found === null) continue;
    if (found.isFile() && found.size === each.bytes) {
      const digests = await digest(folder, each.file, each.bytes, signal);
      if (agrees(digests, each.digest)) {
        present.set(each.file, digests);
        continue;
      }
    }
    if (lock?.files[each.file] === undefined || found.isDirectory()) {
      throw new Error(`${join(folder, each.file)} is there already, and not from a pull: choose another --out`);
    }
  }
  return present;
}

async function look(folder: string, file: string): Promise<Stats | null> {
  try {
    return await lstat(join(folder, file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw explainFileProblem(join(folder, file), error);
  }
}

async function digest(folder: string, file: string, bytes: number, signal: AbortSignal): Promise<FileDigests> {
  const path = join(folder, file);
  return digestFile(path, bytes, signal).catch((error) => {
    throw explainFileProblem(path, error);
  });
}
