import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { imageFormats, sniffImageFormat } from "../domain/image-format.js";
import type { Parsed } from "../domain/parsed.js";

const ending = new RegExp(`\\.(jpg|${imageFormats.join("|")}|tif)$`, "i");

/** Paths of the pictures at any depth of a folder, sorted, at most so many; or why there are none. */
export async function findPhotos(folder: string, most: number): Promise<Parsed<readonly string[]>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return { problems: [`${folder} is not a readable folder`] };
  const paths = entries
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (paths.length === 0) return { problems: [`${folder} holds no pictures`] };
  // Spread over the folder: its first files are often all of one kind.
  const step = Math.max(1, paths.length / most);
  return {
    value: Array.from({ length: Math.min(most, paths.length) }, (_, place) => paths[Math.floor(place * step)]!),
  };
}

/** The bytes of a picture. @throws Error in one line when it cannot be read or is none */
export async function readPhoto(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be read (${error.code})`, { cause: error });
  });
  if (sniffImageFormat(bytes) === null) throw new Error(`${path} is no picture`);
  return bytes;
}
