import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isOfAnotherProcess } from "./replace-folder.js";

let writings = 0;

/**
 * Writes a new file beside `target` and puts it in the target's place only when `write` has succeeded; whatever happens
 * before leaves the target as it was. What a killed process left beside it is cleared away.
 * @throws Error in one line when the file cannot be written; whatever `write` throws.
 */
export async function replaceFile<T>(target: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const place = resolve(target);
  const prefix = `.${basename(place)}.writing-`;
  const draft = join(dirname(place), `${prefix}${process.pid}-${writings++}`);
  try {
    await mkdir(dirname(place), { recursive: true });
    await clearLeftovers(dirname(place), prefix);
    return await writeAndMove(draft, place, write);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new Error(`${target} cannot be written (${code})`, { cause: error });
  }
}

async function writeAndMove<T>(draft: string, place: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(draft, "wx");
  try {
    const result = await write(file).finally(() => file.close());
    await rename(draft, place);
    return result;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function clearLeftovers(folder: string, prefix: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const ending = name.slice(prefix.length);
    const isOurs = Number.parseInt(ending, 10) === process.pid;
    if (!isOurs && !isOfAnotherProcess(ending)) await rm(join(folder, name), { force: true });
  }
}
