import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract, list, type ReadEntry } from "tar";

/** More than any endpoint has room for; a small file that claims more is not a catalog. */
const maxUnpackedBytes = 2 ** 34;
const maxEntries = 1_000_000;

/**
 * Gives `work` the folder itself or, for a tar.gz, a temporary folder with its content, removed afterwards.
 * @throws Error with one line for anything in the archive but plain files and folders below its root.
 */
export async function withUnpacked<T>(folderOrFile: string, work: (folder: string) => Promise<T>): Promise<T> {
  const found = await stat(folderOrFile).catch((error: NodeJS.ErrnoException) => {
    const what = error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code})`;
    throw new Error(`${folderOrFile} ${what}`, { cause: error });
  });
  if (found.isDirectory()) return work(folderOrFile);
  await checkEntries(folderOrFile);
  const folder = await mkdtemp(join(tmpdir(), "stygig-unpacked-"));
  try {
    await extract({ file: folderOrFile, cwd: folder, strict: true, preserveOwner: false });
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Before anything is written: a later entry may betray what an earlier one prepared. */
async function checkEntries(file: string): Promise<void> {
  const problems: string[] = [];
  const seen = new Set<string>();
  let bytes = 0;
  const check = (entry: ReadEntry) => {
    const path = entry.path.replace(/^(?:\.\/)+/, "").replace(/\/$/, "");
    const name = JSON.stringify(entry.path.slice(0, 80));
    bytes += entry.size;
    if (entry.type !== "File" && entry.type !== "OldFile" && entry.type !== "Directory") {
      problems.push(`${name} is a ${entry.type}`);
    } else if (/^[/\\]|^[A-Za-z]:/.test(path) || path.split(/[/\\]/).includes("..")) {
      problems.push(`${name} leads out of it`);
    } else if (seen.has(path) && entry.type !== "Directory") {
      problems.push(`${name} is in it twice`);
    }
    seen.add(path);
    if (bytes > maxUnpackedBytes || seen.size > maxEntries) problems.push("it unpacks to more than is allowed");
    // One is enough to refuse; a hostile archive must not fill the memory with its faults.
    if (problems.length > 0) throw new Error(problems[0]);
  };
  try {
    await list({ file, strict: true, onReadEntry: check });
  } catch (error) {
    const reason = problems[0] ?? "it is not a tar.gz";
    throw new Error(`${file} cannot be unpacked: ${reason}`, { cause: error });
  }
  if (seen.size === 0) throw new Error(`${file} cannot be unpacked: it is empty or not a tar.gz`);
}
