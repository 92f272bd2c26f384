import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract, Parser, type ReadEntry } from "tar";

/** More than any endpoint has room for; a small file that claims more is not a catalog. */
const maxUnpackedBytes = 2 ** 34;
const maxEntries = 1_000_000;

/** Files of an archive that are unpacked, by name, with the most bytes of each; others are left in it. */
export type WantedFiles = ReadonlyMap<string, number>;

/**
 * Gives `work` the folder itself or, for a tar.gz, a temporary folder with its content, removed afterwards; with
 * `wanted` with these files alone. @throws Error with one line for anything in the archive but plain files and folders
 * below its root.
 */
export async function withUnpacked<T>(
  folderOrFile: string,
  work: (folder: string) => Promise<T>,
  wanted: WantedFiles | null = null,
): Promise<T> {
  const found = await stat(folderOrFile).catch((error: NodeJS.ErrnoException) => {
    const what = error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code})`;
    throw new Error(`${folderOrFile} ${what}`, { cause: error });
  });
  if (found.isDirectory()) return work(folderOrFile);
  await checkEntries(folderOrFile, wanted);
  const folder = await mkdtemp(join(tmpdir(), "stygig-unpacked-"));
  try {
    const filter = (path: string) => wanted === null || wanted.has(toPlain(path));
    await extract({ file: folderOrFile, cwd: folder, strict: true, preserveOwner: false, filter });
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Before anything is written: a later entry may betray what an earlier one prepared. */
async function checkEntries(file: string, wanted: WantedFiles | null): Promise<void> {
  const check = createEntryCheck(wanted);
  const refuse = (reason: string, cause?: unknown) => new Error(`${file} cannot be unpacked: ${reason}`, { cause });
  let problem: string | null = null;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      problem ??= check.problemOf(entry);
      entry.resume();
    },
  });
  // The parser reports what it cannot read by an event, here or later.
  const ended = new Promise<void>((resolve, reject) => parser.on("end", resolve).on("error", reject));
  ended.catch(() => {});
  try {
    for await (const chunk of createReadStream(file)) {
      parser.write(chunk);
      if (problem !== null) throw refuse(problem);
    }
    parser.end();
    await ended;
  } catch (error) {
    throw problem === null ? refuse("it is not a whole tar.gz", error) : refuse(problem);
  }
  // The last entry may have come with the end.
  if (problem !== null) throw refuse(problem);
  if (check.entries() === 0) throw refuse("it is empty");
}

/** Plain files and folders, each once, below the root, and not too much of them. */
function createEntryCheck(wanted: WantedFiles | null) {
  const seen = new Set<string>();
  let bytes = 0;
  const problemOf = ({ path, type, size }: ReadEntry): string | null => {
    const plain = toPlain(path);
    const most = wanted?.get(plain) ?? maxUnpackedBytes;
    const name = JSON.stringify(path.slice(0, 80));
    const isTwice = seen.has(plain) && type !== "Directory";
    seen.add(plain);
    bytes += size;
    if (type !== "File" && type !== "OldFile" && type !== "Directory") return `${name} is a ${type}`;
    if (/^[/\\]|^[A-Za-z]:/.test(plain) || plain.split(/[/\\]/).includes("..")) return `${name} leads out of it`;
    if (isTwice) return `${name} is in it twice`;
    if (size > most) return `${name} has ${size} bytes; at most ${most} are read`;
    return bytes > maxUnpackedBytes || seen.size > maxEntries ? "it unpacks to more than is allowed" : null;
  };
  return { problemOf, entries: () => seen.size };
}

function toPlain(path: string): string {
  return path.replace(/^(?:\.\/)+/, "").replace(/\/$/, "");
}
