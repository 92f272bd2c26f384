import { join } from "node:path";
import { type ArtifactFile, type ArtifactManifest, toThumbnailPath } from "../src/domain/artifact.js";
import type { CatalogRows } from "./catalog-rows.js";
import { linkArtifactFile } from "./link-file.js";
import type { OldRows } from "./old-rows.js";
import type { Skipped } from "./scan-folder.js";
import type { SeenPicture } from "./see-pictures.js";
import { writeArtifactFile } from "./write-artifact-file.js";

/** An old catalog and what is to become of it. */
export type Merging = Readonly<{
  rows: OldRows;
  manifest: ArtifactManifest;
  /** Where it lies. */
  artifactFolder: string;
  /** Ids that leave. */
  removed: ReadonlySet<string>;
  /** Pictures to add, or to put in the place of those with their ids, in the order of their ids. */
  added: AsyncIterable<SeenPicture>;
  signal: AbortSignal;
}>;

/** Ids by what became of them, pictures that showed nothing, and the thumbnails of the new catalog. */
export type Merged = Readonly<{
  added: readonly string[];
  replaced: readonly string[];
  removed: readonly string[];
  skipped: readonly Skipped[];
  thumbnails: Readonly<Record<string, ArtifactFile>>;
}>;

/** Links made at the same time: each waits for the disk. */
const linksAtOnce = 256;

/** Old and new items in the order of their ids, as a build has them. @throws the signal's reason */
export async function mergeRows(folder: string, rows: CatalogRows, merging: Merging): Promise<Merged> {
  const [added, replaced, skipped]: [string[], string[], Skipped[]] = [[], [], []];
  const old = keepOld(folder, rows, merging);
  for await (const seen of merging.added) {
    await old.before(seen.item.id);
    if ("refusal" in seen) {
      skipped.push({ path: seen.item.path, reason: seen.refusal });
      continue;
    }
    const { item, embedding, palette, meanColor, thumbnail } = seen;
    (old.drop(item.id) ? replaced : added).push(item.id);
    const row = await rows.add({ ...item, palette, meanColor }, embedding);
    if (thumbnail === null) continue;
    const path = toThumbnailPath(row);
    old.thumbnails[path] = await writeArtifactFile(folder, path, [thumbnail]);
  }
  await old.before(null);
  return { added, replaced, removed: old.removed, skipped, thumbnails: old.thumbnails };
}

/** Walks the old items beside the new ones. */
function keepOld(folder: string, rows: CatalogRows, merging: Merging) {
  const { rows: old, manifest, artifactFolder, removed: leaving, signal } = merging;
  const { ids } = old;
  // An artifact of other software may have another order.
  const order = [...ids.keys()].sort((one, other) => (ids[one]! < ids[other]! ? -1 : 1));
  const nextId = () => ids[order[next]!];
  const removed: string[] = [];
  const thumbnails: Record<string, ArtifactFile> = {};
  const links: Promise<void>[] = [];
  let next = 0;
  const settleLinks = async () => {
    signal.throwIfAborted();
    // All of them, before anybody clears the folder away.
    const failed = (await Promise.allSettled(links.splice(0))).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  };
  const linkThumbnail = async (oldRow: number, row: number) => {
    const [from, path] = [toThumbnailPath(oldRow), toThumbnailPath(row)];
    thumbnails[path] = await linkArtifactFile(join(artifactFolder, from), folder, path, manifest.files[from]!);
  };
  const keep = async (oldRow: number) => {
    const id = ids[oldRow]!;
    if (leaving.has(id)) return void removed.push(id);
    const row = await rows.addLine(old.lineOf(oldRow), old.categories[oldRow]!, old.vectorOf(oldRow));
    if (manifest.thumbnails !== null) links.push(linkThumbnail(oldRow, row));
    if (links.length === linksAtOnce) await settleLinks();
  };
  return {
    removed,
    thumbnails,
    /** Keeps every old item whose id comes before this one; all that are left for null. */
    before: async (id: string | null) => {
      while (next < order.length && (id === null || nextId()! < id)) await keep(order[next++]!);
      await settleLinks();
    },
    /** Leaves the old item of this id out, if it is the next one. */
    drop: (id: string): boolean => {
      if (nextId() !== id) return false;
      next += 1;
      return true;
    },
  };
}
