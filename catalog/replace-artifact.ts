import { join } from "node:path";
import { readArtifactManifest } from "../src/adapters/artifact-words.js";
import { storePaths } from "../src/adapters/generation-hold.js";
import { listFiles, replaceFolder } from "../src/adapters/replace-folder.js";
import { type Compaction, isStore, withGenerationStore } from "./generation-store.js";

/** Where a new artifact goes. */
export type ArtifactPlace = Readonly<{
  outFolder: string;
  /** How many generations before it stay in `outFolder`, a store of them; null where that is one artifact. */
  keep: number | null;
}>;

/** Fills a new artifact and puts it in its place only when `fill` has succeeded. */
export type PutArtifact = <T extends Readonly<{ digest: string }>>(
  fill: (folder: string) => Promise<T>,
) => Promise<Readonly<{ filled: T; folder: string }>>;

/** `compaction` is null where the place is that of a single artifact. */
export type Placed<T> = Readonly<{ result: T; compaction: Compaction | null }>;

/**
 * Works towards a new artifact in this place; nobody else changes a store meanwhile.
 * @throws Error with one line when the place may not be taken; whatever `work` throws.
 */
export async function withArtifactPlace<T>(
  { outFolder, keep }: ArtifactPlace,
  work: (put: PutArtifact) => Promise<T>,
): Promise<Placed<T>> {
  if (keep === null) {
    await requireReplaceable(outFolder);
    const result = await work(async (fill) => ({ filled: await replaceArtifact(outFolder, fill), folder: outFolder }));
    return { result, compaction: null };
  }
  return withGenerationStore(outFolder, async (store) => {
    const result = await work(async (fill) => {
      const filled = await store.add(fill);
      return { filled, folder: store.folderOf(filled.digest) };
    });
    // Now that what was read for the work is let go.
    return { result, compaction: await store.compact(keep) };
  });
}

/** The artifact that a path means: of a store of generations the current one. */
export async function toArtifactPath(path: string): Promise<string> {
  return (await isStore(path)) ? join(path, storePaths.current) : path;
}

/**
 * Fills a new artifact and puts it in the place of an old one only when `fill` has succeeded.
 * @throws Error with one line when the target may not be replaced; whatever `fill` throws.
 */
export function replaceArtifact<T>(target: string, fill: (folder: string) => Promise<T>): Promise<T> {
  return replaceFolder(target, requireReplaceable, fill);
}

/**
 * Only what is absent, empty or an artifact with nothing beside it may be replaced: a mistyped target must not cost
 * anybody their files. @throws Error with one line.
 */
export async function requireReplaceable(target: string): Promise<void> {
  if (await isStore(target)) {
    throw new Error(`${target} is a store of generations: say how many stay beside a new one, --keep 5`);
  }
  const names = await listFiles(target);
  if (names.length === 0) return;
  const { manifest } = await readArtifactManifest(target).catch((error: Error) => {
    throw new Error(`${target} is neither empty nor an artifact, and will not be replaced (${error.message})`);
  });
  const foreign = names.find((name) => name !== "manifest.json" && !Object.hasOwn(manifest.files, name));
  if (foreign !== undefined) {
    throw new Error(`${target} holds ${foreign}, which is not part of its artifact, and will not be replaced`);
  }
}
