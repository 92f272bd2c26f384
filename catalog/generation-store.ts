import { mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { checkArtifact } from "../src/adapters/artifact-check.js";
import { readArtifactManifest } from "../src/adapters/artifact-words.js";
import { isDigest, isHeld, storePaths } from "../src/adapters/generation-hold.js";
import { listFiles } from "../src/adapters/replace-folder.js";
import { type StoreLock, withStoreLock } from "./store-lock.js";

/** An artifact of a store. `from` is the digest of the one that was current before it, null for the first. */
export type Generation = Readonly<{ digest: string; from: string | null; madeAt: Date; isCurrent: boolean }>;

/** What a change made of a store's generations: those removed, and those that had to stay because somebody reads them. */
export type Compaction = Readonly<{ removed: readonly string[]; held: readonly string[] }>;

/** A store that this process alone may change. */
export type OpenStore = Readonly<{
  /** Where a generation lies. */
  folderOf: (digest: string) => string;
  /** In the order they were made. */
  list: () => Promise<readonly Generation[]>;
  /** Fills a new generation and makes it the current one. @throws whatever `fill` throws: nothing is changed then. */
  add: <T extends Readonly<{ digest: string }>>(fill: (folder: string) => Promise<T>) => Promise<T>;
  /** Makes a generation the current one, once it has been found whole. @throws Error with one line */
  switchTo: (digest: string) => Promise<void>;
  /** Removes all but the current generation and so many others: those it came from first, then the latest. */
  compact: (keep: number) => Promise<Compaction>;
}>;

const prefixes = { building: ".building-", removing: ".removing-" } as const;

/**
 * Works on a store of generations: `generations/DIGEST`, each an artifact, and `current`, a link to one of them that is
 * switched in one step. Whatever kills this process leaves the store with a whole current generation, if it had one.
 * @throws Error with one line when the folder is no store, nor may become one, or somebody else is at work there.
 */
export async function withGenerationStore<T>(folder: string, work: (store: OpenStore) => Promise<T>): Promise<T> {
  const root = resolve(folder);
  await requireStore(root);
  await mkdir(join(root, storePaths.generations), { recursive: true });
  return withStoreLock(root, async (lock) => {
    await clearLeftovers(root, lock);
    return work(openStore(root, lock));
  });
}

/** Whether a folder is a store of generations. */
export async function isStore(folder: string): Promise<boolean> {
  const found = await stat(join(folder, storePaths.generations)).catch(() => null);
  return found?.isDirectory() === true;
}

/** The generations of a store, in the order they were made. @throws Error with one line when it is none */
export async function listGenerations(folder: string): Promise<readonly Generation[]> {
  if (!(await isStore(folder))) throw new Error(`${folder} is not a store of generations`);
  const names = (await readdir(join(folder, storePaths.generations))).filter(isDigest);
  const current = await currentOf(folder);
  const generations = await Promise.all(names.map((digest) => describe(folder, digest, current)));
  return generations.sort(
    (one, other) => one.madeAt.getTime() - other.madeAt.getTime() || (one.digest < other.digest ? -1 : 1),
  );
}

/** An artifact, or a file of somebody, must not be taken for the beginnings of a store. */
async function requireStore(root: string): Promise<void> {
  if (await isStore(root)) return;
  const names = await listFiles(root);
  if (names.length === 0) return;
  const kind = names.includes("manifest.json") ? "is one artifact" : `holds ${names[0]}`;
  throw new Error(`${root} ${kind} and is no store of generations: give a new folder`);
}

function openStore(root: string, lock: StoreLock): OpenStore {
  const folderOf = (digest: string) => join(root, storePaths.generations, digest);
  const list = () => listGenerations(root);
  return {
    folderOf,
    list,
    add: async (fill) => {
      const folder = join(root, storePaths.generations, `${prefixes.building}${process.pid}`);
      try {
        await mkdir(folder);
        const filled = await fill(folder);
        await lock.requireHeld();
        const from = await currentOf(root);
        if (filled.digest !== from) await put(root, folder, { digest: filled.digest, from });
        return filled;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    switchTo: async (digest) => {
      await checkArtifact(folderOf(digest));
      await lock.requireHeld();
      await pointTo(root, digest);
    },
    compact: (keep) => compact(root, keep, lock),
  };
}

/** The note first: a generation without one would have come from nowhere. */
async function put(root: string, filled: string, { digest, from }: Pick<Generation, "digest" | "from">): Promise<void> {
  const place = join(root, storePaths.generations, digest);
  const note = `${place}.json`;
  await writeFile(`${note}.new`, `${JSON.stringify({ from })}\n`);
  await rename(`${note}.new`, note);
  // The same bytes may have been there before; only where they are whole still is there nothing to do.
  const isThere = await checkArtifact(place).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await rm(place, { recursive: true, force: true });
    await rename(filled, place);
  }
  await pointTo(root, digest);
}

/** In one step: at every moment the link leads to one generation or the other. */
async function pointTo(root: string, digest: string): Promise<void> {
  const link = join(root, storePaths.current);
  await rm(`${link}.new`, { force: true });
  await symlink(join(storePaths.generations, digest), `${link}.new`);
  await rename(`${link}.new`, link);
}

async function currentOf(root: string): Promise<string | null> {
  const target = await readlink(join(root, storePaths.current)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new Error(`${join(root, storePaths.current)} is not the link of a store (${error.code})`, { cause: error });
  });
  return target === null ? null : basename(target);
}

async function describe(root: string, digest: string, current: string | null): Promise<Generation> {
  const place = join(root, storePaths.generations, digest);
  const note = `${place}.json`;
  const text = await readFile(note, "utf8").catch(() => null);
  const { mtime } = await stat(text === null ? place : note);
  return { digest, from: parseFrom(text), madeAt: mtime, isCurrent: digest === current };
}

function parseFrom(text: string | null): string | null {
  try {
    const { from } = JSON.parse(text ?? "{}") as Readonly<{ from?: unknown }>;
    return typeof from === "string" && isDigest(from) ? from : null;
  } catch {
    // A note is a convenience: without one, a generation came from nowhere.
    return null;
  }
}

async function compact(root: string, keep: number, lock: StoreLock): Promise<Compaction> {
  const generations = await listGenerations(root);
  const kept = new Set(inOrderOfUse(generations).slice(0, keep + 1));
  const [removed, held]: [string[], string[]] = [[], []];
  for (const { digest } of generations.filter((each) => !kept.has(each.digest))) {
    await lock.requireHeld();
    ((await remove(root, digest, lock)) ? removed : held).push(digest);
  }
  return { removed, held };
}

/** The current one, those it came from, then all others, the latest first. */
function inOrderOfUse(generations: readonly Generation[]): readonly string[] {
  const byDigest = new Map(generations.map((each) => [each.digest, each]));
  const order = new Set<string>();
  let next = generations.find(({ isCurrent }) => isCurrent);
  while (next !== undefined && !order.has(next.digest)) {
    order.add(next.digest);
    next = next.from === null ? undefined : byDigest.get(next.from);
  }
  for (const { digest } of generations.toReversed()) order.add(digest);
  return [...order];
}

/**
 * Out of its place first, then away, unless somebody had begun to read it by then: a reader holds first and looks whether it
 * is there afterwards, so one of the two sees the other. False when it had to stay.
 */
async function remove(root: string, digest: string, lock: StoreLock): Promise<boolean> {
  if (await isHeld(root, digest, await lock.now())) return false;
  const place = join(root, storePaths.generations, digest);
  const aside = join(root, storePaths.generations, `${prefixes.removing}${digest}`);
  await rename(place, aside);
  return clear(root, aside, digest, lock);
}

async function clear(root: string, aside: string, digest: string, lock: StoreLock): Promise<boolean> {
  const place = join(root, storePaths.generations, digest);
  if (await isHeld(root, digest, await lock.now())) {
    await rename(aside, place);
    return false;
  }
  await rm(`${place}.json`, { force: true });
  await rm(aside, { recursive: true, force: true });
  return true;
}

/** Of processes that were killed: nobody else is at work here. */
async function clearLeftovers(root: string, lock: StoreLock): Promise<void> {
  const folder = join(root, storePaths.generations);
  for (const name of await readdir(folder)) {
    const place = join(folder, name);
    if (name.startsWith(prefixes.building) || name.endsWith(".json.new")) await rm(place, { recursive: true });
    if (name.startsWith(prefixes.removing)) await clear(root, place, name.slice(prefixes.removing.length), lock);
  }
  const names = await readdir(folder);
  const isStray = (name: string) => name.endsWith(".json") && !names.includes(basename(name, ".json"));
  for (const name of names.filter(isStray)) await rm(join(folder, name), { force: true });
}

/** How many items a generation has. @throws Error as `readArtifactManifest` */
export async function countItems(folder: string): Promise<number> {
  return (await readArtifactManifest(folder)).manifest.counts.items;
}
