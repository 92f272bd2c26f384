import { mkdir, readdir, realpath, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { leaveMark, ownerOfMark, type ProcessMark } from "./process-mark.js";

/** An artifact that stays where it is until it is let go. */
export type HeldArtifact = Readonly<{
  /** Where it lies, links followed. */
  folder: string;
  /** Why it could not be held, where it lies among generations; null when it is held or nobody would remove it. */
  unheld: string | null;
  letGo: () => Promise<void>;
}>;

/** The folders of a store of generations: `generations` by their digests, `current`, and the marks of who reads which. */
export const storePaths = { generations: "generations", current: "current", holds: "holds", lock: "lock" } as const;

const digestPattern = /^[0-9a-f]{64}$/;
/** The generation may be removed each time between looking where a link leads and holding what is there. */
const attempts = 5;
let holds = 0;

/** Whether this is what names a generation. */
export function isDigest(name: string): boolean {
  return digestPattern.test(name);
}

/**
 * Follows a link once, so that one switched meanwhile mixes nothing, and keeps a generation of a store from being removed
 * while it is read. What is wrong with a folder its reader says best.
 */
export async function holdArtifact(path: string): Promise<HeldArtifact> {
  for (let attempt = 1; ; attempt++) {
    const folder = await realpath(path).catch(() => path);
    const store = storeOf(folder);
    if (store === null) return { folder, unheld: null, letGo: async () => {} };
    const mark = await leaveHold(store, basename(folder)).catch(({ code }: NodeJS.ErrnoException) => code ?? "unknown");
    if (typeof mark === "string") {
      return { folder, unheld: `${join(store, storePaths.holds)} cannot be written (${mark})`, letGo: async () => {} };
    }
    if (attempt === attempts || (await isThere(folder))) return { folder, unheld: null, letGo: mark.remove };
    await mark.remove();
  }
}

/** Does something with an artifact while it is held. */
export async function withHeld<T>(path: string, work: (folder: string) => Promise<T>): Promise<T> {
  const { folder, letGo } = await holdArtifact(path);
  return work(folder).finally(letGo);
}

/** Whether somebody reads this generation; marks of those who are gone are cleared away. */
export async function isHeld(store: string, digest: string, nowMs: number): Promise<boolean> {
  const folder = join(store, storePaths.holds);
  // Marks that cannot be read may be anybody's: only where there are none is nobody there.
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new Error(`${folder} cannot be read (${error.code})`, { cause: error });
  });
  let isRead = false;
  for (const name of names.filter((each) => each.startsWith(`${digest}.`))) {
    const owner = await ownerOfMark(join(folder, name), nowMs);
    if (owner?.isAlive) isRead = true;
    else await rm(join(folder, name), { force: true });
  }
  return isRead;
}

/** The store of generations that a folder is one of; null when it is none. */
function storeOf(folder: string): string | null {
  const generations = dirname(folder);
  return isDigest(basename(folder)) && basename(generations) === storePaths.generations ? dirname(generations) : null;
}

async function leaveHold(store: string, digest: string): Promise<ProcessMark> {
  const folder = join(store, storePaths.holds);
  await mkdir(folder, { recursive: true });
  return leaveMark(join(folder, `${digest}.${hostname()}-${process.pid}-${holds++}`));
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
