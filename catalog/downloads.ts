import { createHash } from "node:crypto";
import { type FileHandle, stat } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../src/adapters/replace-file.js";

/** The file that was fetched, or why there is none; nothing is kept then. */
export type Fetched = Readonly<{ file: string } | { refusal: string }>;

/** Fills a file with what was asked for. Null, or why that cannot be had. */
export type WriteFetched = (file: FileHandle) => Promise<string | null>;

/** Files that were fetched, kept from one build to the next. */
export type Downloads = Readonly<{
  /**
   * The file called `name`, which `write` fills unless it is there. One that is there is whole: what a killed process or
   * a failed `write` leaves is never called so.
   * @throws Error with one line when it cannot be written; whatever `write` throws
   */
  fetch: (name: string, write: WriteFetched, ending?: string) => Promise<Fetched>;
}>;

/**
 * Names are as they come: a file is called by the name's digest, two folders down, so that a million of them are a few in
 * each. Processes may share the folder; `ending` is what the file's own name ends in.
 */
export function openDownloads(folder: string): Downloads {
  const underway = new Map<string, Promise<Fetched>>();
  return {
    fetch: (name, write, ending = "") => {
      const digest = createHash("sha256").update(name).digest("hex");
      const file = join(folder, digest.slice(0, 2), digest.slice(2, 4), `${digest}${ending}`);
      const before = underway.get(file);
      if (before !== undefined) return before;
      const fetched = fetchOnce(file, write).finally(() => underway.delete(file));
      underway.set(file, fetched);
      return fetched;
    },
  };
}

async function fetchOnce(file: string, write: WriteFetched): Promise<Fetched> {
  const there = await stat(file).catch(() => null);
  if (there?.isFile()) return { file };
  let refusal: string | null = null;
  try {
    await replaceFile(file, async (handle) => {
      refusal = await write(handle);
      if (refusal !== null) throw new Error(refusal);
      // A machine that loses its power may keep the name and lose what is in it.
      await handle.datasync();
    });
    return { file };
  } catch (error) {
    if (refusal !== null) return { refusal };
    throw error;
  }
}
