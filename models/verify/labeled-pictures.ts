import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** A photo whose category is known. `read` gives its bytes when its turn comes, or throws an Error of one line. */
export type LabeledPicture = Readonly<{ name: string; category: string; read: () => Promise<Uint8Array> }>;

/** Larger than any photograph; a picture is held in memory whole. */
const maxPictureBytes = 200_000_000;

/** A picture file below `folder`. */
export function pictureOfFile(folder: string, path: string, category: string): LabeledPicture {
  return { name: path, category, read: () => readPictureFile(join(folder, path)) };
}

/** A picture's bytes. @throws Error of one line */
export async function readPictureFile(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size <= maxPictureBytes) return await readFile(file);
  } catch (error) {
    throw new Error(`cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
  throw new Error(`more than ${maxPictureBytes} bytes`);
}

/**
 * At most `count` of the pictures, in their order. Which ones depends on their names and the seed alone: not on the
 * order in which they were found, and hardly on which others there are.
 */
export function samplePictures<Picture extends Readonly<{ name: string }>>(
  pictures: readonly Picture[],
  count: number,
  seed: string,
): readonly Picture[] {
  if (pictures.length <= count) return pictures;
  const lots = pictures.map((picture, place) => ({ place, lot: toLot(seed, picture.name) }));
  lots.sort((first, second) => (first.lot < second.lot ? -1 : first.lot > second.lot ? 1 : first.place - second.place));
  const drawn = new Set(lots.slice(0, count).map(({ place }) => place));
  return pictures.filter((_, place) => drawn.has(place));
}

function toLot(seed: string, name: string): string {
  return createHash("sha256").update(`${seed}\n${name}`).digest("hex");
}
