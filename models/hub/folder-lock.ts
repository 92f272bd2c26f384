import { readlink, rename, rm, symlink } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { explainFileProblem } from "./file-problem.js";

const lockName = ".pull.lock";

/**
 * Keeps a second pull out of a folder while `work` runs. The lock is a symbolic link to nowhere: made in one step,
 * with its holder as its target. One whose process is gone is taken over.
 * @throws Error with one line when somebody else holds it.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, lockName);
  const own = `${process.pid}@${hostname()}`;
  await acquire(lock, own, folder);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** A lock may be taken over once; that it is held again right afterwards means that somebody was faster. */
async function acquire(lock: string, own: string, folder: string): Promise<void> {
  for (const isLast of [false, true]) {
    if (await make(lock, own, folder)) return;
    const holder = await readlink(lock).catch((error: NodeJS.ErrnoException) => {
      // Released in this very moment.
      if (error.code === "ENOENT") return null;
      throw explainFileProblem(lock, error);
    });
    if (holder === null) continue;
    if (isLast || !isGone(holder)) {
      throw new Error(`another pull (process ${holder}) is filling ${folder}: wait for it, or remove ${lock}`);
    }
    await moveAside(lock, holder, own);
  }
  throw new Error(`another pull is filling ${folder}: try again`);
}

async function make(lock: string, own: string, folder: string): Promise<boolean> {
  try {
    await symlink(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw explainFileProblem(folder, error);
  }
}

/** Only the lock that was looked at is removed: who was faster has made a new one under the same name. */
async function moveAside(lock: string, holder: string, own: string): Promise<void> {
  const aside = `${lock}.${own.replace("@", "-")}`;
  try {
    await rename(lock, aside);
    if ((await readlink(aside)) === holder) await rm(aside);
    else await rename(aside, lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw explainFileProblem(lock, error);
  }
}

/** Of a process on another machine nothing is known, so it counts as there. */
function isGone(holder: string): boolean {
  const at = holder.indexOf("@");
  const pid = Number(holder.slice(0, at));
  if (holder.slice(at + 1) !== hostname() || !Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
