import { type FileHandle, open, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { replaceFile } from "../adapters/replace-file.js";
import { workInOrder } from "../http/work-in-order.js";
import { afterIndex, bookEnd, type Look, toBookHead, toIndexEntry, toLookSection } from "../sheet/lookbook-page.js";

/** A look, and the styles of pictures that no look before it has brought. */
export type DressedLook = Readonly<{ look: Look; styles: readonly string[] }>;

export type Lookbook = Readonly<{
  title: string;
  facts: readonly string[];
  /** What the looks are of, in the order of the book. */
  paths: readonly string[];
  /** Of a photo or answer that cannot be read the reason is part of the book. */
  look: (path: string, signal: AbortSignal) => Promise<DressedLook>;
  /** Looks worked on side by side. */
  atOnce: number;
  /** Told of each look once it is in the book. */
  onLook: (look: Look) => void;
}>;

/**
 * Writes a book, an index and a board a look, whole or not at all. However many looks there are, a few at a time are in
 * memory: the index goes into the book as it comes, the boards into a file without a name that follows it in the end.
 * @throws Error in one line when it cannot be written; the signal's reason; whatever `look` throws
 */
export async function writeLookbook(file: string, book: Lookbook, signal: AbortSignal): Promise<void> {
  await replaceFile(file, async (out) => {
    const boards = await openNameless(join(dirname(resolve(file)), `.${basename(file)}.boards-${process.pid}`));
    try {
      await out.write(toBookHead(book.title, book.facts));
      await writeLooks(book, { index: out, boards }, signal);
      await out.write(afterIndex);
      for await (const piece of boards.createReadStream({ start: 0, autoClose: false })) await out.write(piece);
      await out.write(bookEnd);
    } finally {
      await boards.close();
    }
  });
}

type Parts = Readonly<{ index: FileHandle; boards: FileHandle }>;

async function writeLooks(book: Lookbook, { index, boards }: Parts, signal: AbortSignal): Promise<void> {
  let number = 0;
  await workInOrder<string, DressedLook>({
    items: async function* () {
      yield* book.paths;
    },
    work: book.look,
    put: async ({ look, styles }) => {
      number += 1;
      await index.write(toIndexEntry(look, number));
      await boards.write(styles.join("") + toLookSection(look, number));
      book.onLook(look);
    },
    atOnce: book.atOnce,
    sizeOf: () => 1,
    maxSizeAtWork: Number.POSITIVE_INFINITY,
    signal,
  });
}

/** A file that is gone as soon as it is closed, however the process ends. */
async function openNameless(path: string): Promise<FileHandle> {
  const file = await open(path, "wx+");
  await rm(path);
  return file;
}
