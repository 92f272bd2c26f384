import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { readArtifactManifest } from "../adapters/artifact-words.js";
import { toThumbnailPath } from "../domain/artifact.js";
import type { CatalogItem } from "../domain/catalog.js";
import type { BoardPicture } from "../sheet/board.js";
import { cardSide, toBoardPicture } from "../sheet/board-picture.js";

/** Where the pictures of items come from, and what a reader should know of it; null when there is nothing. */
export type PieceImages = Readonly<{ read: ReadPieceImage; note: string | null }>;

/** Gives the picture of an item as boards show it; null where there is none. @throws Error in one line for a broken one */
export type ReadPieceImage = (
  item: Pick<CatalogItem, "row" | "path">,
) => Promise<(BoardPicture & { kind: "embedded" }) | null>;

/** The items' own pictures where they lie in `images`, the folder that they were built from; else the artifact's thumbnails. */
export async function openPieceImages(artifact: string, images: string | undefined): Promise<PieceImages> {
  const { thumbnails } = (await readArtifactManifest(artifact)).manifest;
  const bare = thumbnails === null && images === undefined;
  const note = bare ? "the artifact has no thumbnails: give --images, the folder it was built from" : null;
  const read: ReadPieceImage = async ({ row, path }) => {
    const own = images === undefined || path === null ? null : await readInside(images, path);
    const thumbnail = thumbnails === null ? null : join(artifact, toThumbnailPath(row));
    const bytes = own ?? (thumbnail === null ? null : await readOrTell(thumbnail));
    if (bytes === null) return null;
    try {
      return await toBoardPicture(bytes, cardSide);
    } catch (error) {
      throw new Error(`${own === null ? thumbnail : join(images!, path!)} is not a readable picture`, { cause: error });
    }
  };
  return { read, note };
}

/** A catalog names files of its own folder alone; null for any other, and for one that is not there. */
async function readInside(folder: string, path: string): Promise<Uint8Array | null> {
  const file = resolve(folder, path);
  if (/^\.\.([\\/]|$)/.test(relative(folder, file))) return null;
  return readOrTell(file);
}

/** Null for a file that is not there. @throws Error in one line when it cannot be read */
async function readOrTell(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new Error(`${file} cannot be read (${code})`, { cause: error });
  }
}
