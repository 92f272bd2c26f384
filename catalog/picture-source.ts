import { join } from "node:path";
import { createOwnSignals } from "../src/domain/own-signals.js";
import type { PlannedItem } from "./match-item-lines.js";
import { type Scan, scanFolder } from "./scan-folder.js";

/** An item and the file that has its picture, or why there is none. */
export type FoundFile = Readonly<{ item: PlannedItem }> & (Readonly<{ file: string }> | Readonly<{ refusal: string }>);

/** Pictures that become files when their turn comes. */
export type PictureSource = Readonly<{
  /** All of them by name, of which nothing is fetched. */
  scan: () => Promise<Scan>;
  /** Why an item without a picture among those cannot have the one at its URL; null where it can. Absent, none can. */
  takeUrl?: (url: string) => string | null;
  /**
   * An item's picture, fetched where it is not there yet. A refusal is the picture's own fault.
   * @throws Error with one line where it is not; the signal's reason
   */
  find: (item: PlannedItem, signal: AbortSignal) => Promise<FoundFile>;
}>;

/** The pictures of a folder on disk. */
export function createFolderPictures(imagesFolder: string): PictureSource {
  return {
    scan: () => scanFolder(imagesFolder),
    find: async (item) => ({ item, file: join(imagesFolder, item.path) }),
  };
}

export type FindOptions = Readonly<{
  /** Where the pictures are unless a source says otherwise. */
  imagesFolder: string;
  source?: PictureSource | null;
  signal: AbortSignal;
}>;

/** Enough that a decoder seldom waits for a picture from far away, few enough for any host. */
const findsAtOnce = 32;

/** Every item with its file, in order; some are fetched ahead. @throws as `PictureSource` says */
export async function* findFiles(items: readonly PlannedItem[], options: FindOptions): AsyncGenerator<FoundFile> {
  const { source, imagesFolder, signal } = options;
  if (source == null) {
    // What is in a folder is there: to look for it ahead would only keep memory busy.
    for (const item of items) {
      signal.throwIfAborted();
      yield { item, file: join(imagesFolder, item.path) };
    }
    return;
  }
  const underway: Promise<FoundFile>[] = [];
  const withOwnSignal = createOwnSignals(signal);
  for (const item of items) {
    signal.throwIfAborted();
    const found = withOwnSignal((own) => source.find(item, own));
    // Waited for below in its turn; until then, or when an earlier one fails, nobody else would.
    found.catch(() => {});
    underway.push(found);
    if (underway.length >= findsAtOnce) yield await underway.shift()!;
  }
  while (underway.length > 0) yield await underway.shift()!;
}

/** One item with its file. @throws as `PictureSource` says */
export async function findFile(item: PlannedItem, { source, imagesFolder, signal }: FindOptions): Promise<FoundFile> {
  return (source ?? createFolderPictures(imagesFolder)).find(item, signal);
}
