import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** Folders this process is filling right now; a leftover of its own name is one that is not among them. */
const underway = new Set<string>();
let fillings = 0;

/**
 * Fills a new folder beside `target` and puts it in the target's place only when `fill` has succeeded; whatever happens
 * before leaves the target as it was. What a killed process left beside the target is cleared away.
 * @throws Error with one line when nothing can be written there; whatever `requireReplaceable` throws when the target may
 *   not be replaced; whatever `fill` throws.
 */
export async function replaceFolder<T>(
  target: string,
  requireReplaceable: (target: string) => Promise<void>,
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  const place = resolve(target);
  await mkdir(dirname(place), { recursive: true }).catch(refuse(target));
  await clearLeftovers(place);
  await requireReplaceable(place);
  const folder = `${toLeftoverName(place, "building")}${process.pid}-${fillings++}`;
  underway.add(folder);
  try {
    // With the permissions of any new folder; `mkdtemp` would leave a folder that only its builder can read.
    await mkdir(folder).catch(refuse(target));
    const result = await fill(folder);
    await swap(folder, place);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
    underway.delete(folder);
  }
}

/** In the words of whoever named the target, who has never heard of the folder beside it. */
function refuse(target: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new Error(`${target} cannot be written (${error.code})`, { cause: error });
  };
}

/** Every file below a folder, links and all, forward slashes; none when there is no such folder. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.map((entry) =>
      join(entry.parentPath, entry.name).slice(join(folder, "/").length).replaceAll("\\", "/"),
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new Error(`${folder} ${code === "ENOTDIR" ? "is not a folder" : `cannot be read (${code})`}`, {
      cause: error,
    });
  }
}

/** Two renames: between them, for an instant, the target is absent; `clearLeftovers` mends a process killed there. */
async function swap(folder: string, place: string, attempts = 3): Promise<void> {
  const old = `${toLeftoverName(place, "replaced")}${process.pid}-${fillings++}`;
  underway.add(old);
  try {
    const hadOld = await moved(place, old);
    try {
      await rename(folder, place);
    } catch (error) {
      // Another filling of the same place was quicker by that instant; the later one stands.
      const wasFilled = ["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "");
      if (!wasFilled || attempts === 1) {
        if (hadOld) await rename(old, place);
        throw error;
      }
      await swap(folder, place, attempts - 1);
    }
    await rm(old, { recursive: true, force: true });
  } finally {
    underway.delete(old);
  }
}

/** False when there is nothing to move. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function clearLeftovers(place: string): Promise<void> {
  const parent = dirname(place);
  const names = await readdir(parent);
  for (const kind of ["replaced", "building"] as const) {
    const prefix = basename(toLeftoverName(place, kind));
    for (const name of names.filter((each) => each.startsWith(prefix))) {
      const folder = join(parent, name);
      if (underway.has(folder) || isOfAnotherProcess(name.slice(prefix.length))) continue;
      // Killed between the two renames: the old folder is whole, only out of its place.
      if (kind === "replaced" && !names.includes(basename(place))) await rename(folder, place);
      else await rm(folder, { recursive: true, force: true });
    }
  }
}

function toLeftoverName(place: string, kind: "building" | "replaced"): string {
  return join(dirname(place), `.${basename(place)}.${kind}-`);
}

/** Whether the process that a leftover's name ends with is alive, and not this one. */
export function isOfAnotherProcess(ending: string): boolean {
  const id = Number.parseInt(ending, 10);
  if (!Number.isInteger(id) || id === process.pid) return false;
  try {
    // Signal 0 is not sent; it only asks.
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
