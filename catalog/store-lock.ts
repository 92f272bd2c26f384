import { link, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { storePaths } from "../src/adapters/generation-hold.js";
import { leaveMark, ownerOfMark, type ProcessMark } from "../src/adapters/process-mark.js";

/** The right to change a store, which one process has at a time. */
export type StoreLock = Readonly<{
  /** Time of the store's file system, in ms. */
  now: () => Promise<number>;
  /** @throws Error with one line when somebody else has taken the right: this process was asleep for minutes. */
  requireHeld: () => Promise<void>;
}>;

let locks = 0;

/**
 * Works on a store that nobody else changes meanwhile. What a process that is gone has left locked is taken over.
 * @throws Error with one line that says who is at work there
 */
export async function withStoreLock<T>(store: string, work: (lock: StoreLock) => Promise<T>): Promise<T> {
  const place = join(store, storePaths.lock);
  const mark = await leaveMark(`${place}.${process.pid}-${locks++}`);
  try {
    await take(store, place, mark);
    try {
      await clearMarks(store, await mark.now());
      return await work({ now: mark.now, requireHeld: () => requireOwn(store, place, mark) });
    } finally {
      // Not one that another has taken over.
      if (await isOwn(place, mark)) await rm(place, { force: true });
    }
  } finally {
    await mark.remove();
  }
}

/** A link to a whole mark: whoever finds the lock can read whose it is. */
async function take(store: string, place: string, mark: ProcessMark): Promise<void> {
  for (;;) {
    try {
      return await link(mark.file, place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const nowMs = await mark.now();
    const owner = await ownerOfMark(place, nowMs);
    if (owner?.isAlive) {
      throw new Error(
        `${store} is being changed by process ${owner.pid} of ${owner.host} since ${owner.since.toISOString()}`,
      );
    }
    if (owner !== null) await setAside(place, `${mark.file}.old`, nowMs);
  }
}

/** Of processes that were killed while they waited or worked. */
async function clearMarks(store: string, nowMs: number): Promise<void> {
  const names = (await readdir(store)).filter((name) => name.startsWith(`${storePaths.lock}.`));
  for (const file of names.map((name) => join(store, name))) {
    if ((await ownerOfMark(file, nowMs))?.isAlive === false) await rm(file, { force: true });
  }
}

async function isOwn(place: string, mark: ProcessMark): Promise<boolean> {
  const [locked, own] = await Promise.all([place, mark.file].map((file) => stat(file).catch(() => null)));
  return locked != null && own != null && locked.ino === own.ino && locked.dev === own.dev;
}

async function requireOwn(store: string, place: string, mark: ProcessMark): Promise<void> {
  if (!(await isOwn(place, mark))) throw new Error(`${store} has been taken over by another process meanwhile`);
}

/** Two may find the same lock old: who moves it away looks again at what it was. */
async function setAside(place: string, aside: string, nowMs: number): Promise<void> {
  const isMoved = await rename(place, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  if (!isMoved) return;
  if ((await ownerOfMark(aside, nowMs))?.isAlive) {
    // The other was quicker and holds it: back, unless there is a third, whom this one will find.
    await link(aside, place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  await rm(aside, { force: true });
}
