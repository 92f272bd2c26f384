import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { InvokeError } from "../../client/client.js";
import { readReply } from "../../client/reply.js";
import type { CatalogItem } from "../domain/catalog.js";
import type { Parsed } from "../domain/parsed.js";
import { toBoard } from "../sheet/to-board.js";
import { toReason } from "./lookbook-photos.js";
import type { LookPictures } from "./shared-pictures.js";
import type { Lookbook } from "./write-lookbook.js";

/** Paths of the answers at any depth of a folder, sorted: saved ones and those of asynchronous endpoints; or why there are none. */
export async function findAnswers(folder: string): Promise<Parsed<readonly string[]>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return { problems: [`${folder} is not a readable folder`] };
  const files = entries.filter((entry) => entry.isFile() && /\.(json|out)$/i.test(entry.name));
  if (files.length === 0) return { problems: [`${folder} holds no answers (.json or .out)`] };
  return { value: files.map((entry) => join(entry.parentPath, entry.name)).sort() };
}

export type AnswerLooks = Readonly<{
  /** Names in the book are relative to it. */
  folder: string;
  /** By id; empty where the catalog is not at hand, and the book shows colors instead of pictures. */
  items: ReadonlyMap<string, CatalogItem>;
  pictures: () => LookPictures;
}>;

/** Shows each answer; a file that holds none becomes its reason. */
export function createAnswerLooks({ folder, items, pictures }: AnswerLooks): Lookbook["look"] {
  return async (path, signal) => {
    const name = relative(folder, path);
    try {
      const reply = readReply(await readFile(path, { signal }));
      const { pictureOf, styles } = pictures();
      const shown = reply.recommendations.map((row) => items.get(row?.item_id));
      const pieces = await Promise.all(shown.map((item) => (item === undefined ? null : pictureOf(item))));
      return { look: { name, board: toBoard(reply, { name, query: null, pieces }) }, styles };
    } catch (error) {
      const reason = error instanceof InvokeError ? error.message : toReason(error);
      if (signal.aborted || reason === null) throw error;
      return { look: { name, reason }, styles: [] };
    }
  };
}
