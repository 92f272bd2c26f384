import { extname } from "node:path";
import type { FoundPicture } from "./scan-folder.js";

/** The pictures a line can mean: none, one, or several when it says too little. */
export type FindPictures = (line: Readonly<{ id: string; path: string | null }>) => readonly FoundPicture[];

/**
 * By path where the line has one, from the pictures' folder or, with `imagesPrefix` before it, from the items file's;
 * else by id, as a path without extension or as a file's name alone.
 */
export function createPictureFinder(pictures: readonly FoundPicture[], imagesPrefix: string): FindPictures {
  const byPath = groupBy(pictures, ({ path }) => path.normalize("NFC"));
  const byId = groupBy(pictures, ({ path }) => toId(path));
  const byName = groupBy(pictures, ({ path }) => toId(path).split("/").at(-1)!);
  return ({ id, path }) => {
    if (path === null) return byId.get(id.normalize("NFC")) ?? byName.get(id.normalize("NFC")) ?? [];
    const wanted = path.normalize("NFC");
    const inside =
      imagesPrefix !== "" && wanted.startsWith(`${imagesPrefix}/`) ? wanted.slice(imagesPrefix.length + 1) : "";
    return byPath.get(wanted) ?? byPath.get(inside) ?? [];
  };
}

/** The path without its extension. Composed, so that one name typed on two systems is one id. */
export function toId(path: string): string {
  return path.slice(0, path.length - extname(path).length).normalize("NFC");
}

/** `Map.groupBy`, which Node 20 does not have. */
export function groupBy<T>(values: readonly T[], toKey: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = toKey(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
