import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";

/** A file or folder (with a slash at its end) that is not in the catalog, and why. Paths are relative, forward slashes. */
export type Skipped = Readonly<{ path: string; reason: string }>;

/** A picture file below the scanned folder, by name only: nothing has been opened yet. */
export type FoundPicture = Readonly<{
  /** Relative to the scanned folder, forward slashes. */
  path: string;
  /** The folder that names the category, at most two levels; empty when none does. */
  categoryFolder: string;
  /** What the folder calls the category: `upperwear/shirt` is `upperwear_shirt`; null when it names none. */
  folderCategory: string | null;
  /** Why it is left out unless an item line asks for it; null when it is taken. */
  aside: string | null;
}>;

export type Scan = Readonly<{ pictures: readonly FoundPicture[]; skipped: readonly Skipped[] }>;

const pictureExtensions = [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff"];
/** As V4: a folder of this name in the root is the catalog, and what lies beside it (validation, test) is not. */
const trainFolder = "train";

/**
 * Every file below `root`, sorted by path, each either a picture or skipped with a reason. Links are not followed and
 * hidden names not taken. @throws Error with one line when the folder cannot be read.
 */
export async function scanFolder(root: string): Promise<Scan> {
  const files: string[] = [];
  const skipped: Skipped[] = [];
  await walk(root, "", files, skipped);
  return sortOut(files, skipped);
}

/**
 * The same for a listing of paths, which a folder of an object store is. A path that is none on disk is skipped.
 */
export function scanPaths(paths: Iterable<string>): Scan {
  const files: string[] = [];
  const skipped = new Map<string, string>();
  for (const path of paths) {
    const parts = path.split("/");
    const at = parts.findIndex((part) => refusalOfName(part) !== null);
    if (at === -1) files.push(path);
    // A folder is told once, not with everything in it.
    else skipped.set(parts.slice(0, at + 1).join("/") + (at < parts.length - 1 ? "/" : ""), refusalOfName(parts[at]!)!);
  }
  return sortOut(
    files,
    [...skipped].map(([path, reason]) => ({ path, reason })),
  );
}

function sortOut(files: string[], skipped: readonly Skipped[]): Scan {
  // By code units of the whole path: the same on every file system and in every locale.
  files.sort();
  const hasTrain = files.some((path) => path.startsWith(`${trainFolder}/`) && isPicture(path));
  const toPicture = createToPicture(hasTrain);
  const pictures = files.filter((path) => isPicture(path)).map(toPicture);
  const others = files.filter((path) => !isPicture(path)).map((path) => ({ path, reason: toReason(path) }));
  return { pictures, skipped: [...skipped, ...others].sort((one, other) => (one.path < other.path ? -1 : 1)) };
}

async function walk(root: string, folder: string, files: string[], skipped: Skipped[]): Promise<void> {
  for (const entry of await list(join(root, folder))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    const reason = refusalOf(entry);
    if (reason !== null) skipped.push({ path: entry.isDirectory() ? `${path}/` : path, reason });
    else if (entry.isDirectory()) await walk(root, path, files, skipped);
    else files.push(path);
  }
}

async function list(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new Error(`${folder} cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
}

function refusalOf(entry: Dirent): string | null {
  if (entry.isSymbolicLink()) return "a link; links are not followed";
  const reason = refusalOfName(entry.name);
  if (reason === "hidden") return reason;
  return entry.isDirectory() || entry.isFile() ? reason : "not a plain file";
}

function refusalOfName(name: string): string | null {
  if (name === "") return "a name with nothing in it";
  if (name.startsWith(".")) return "hidden";
  // A name that is no valid text, or of two lines, could be neither an id nor a line of any report.
  return /[\p{Cc}\p{Cs}\uFFFD]/u.test(name) ? "a name with unprintable characters" : null;
}

function isPicture(path: string): boolean {
  return pictureExtensions.includes(extname(path).toLowerCase());
}

function toReason(path: string): string {
  const extension = extname(path).toLowerCase();
  return extension === "" ? "not a picture: no extension" : `not a picture format that is read: ${extension}`;
}

/** Pictures of one folder share what it says of them: hundreds of thousands have some dozens of folders. */
function createToPicture(hasTrain: boolean): (path: string) => FoundPicture {
  const known = new Map<string, Omit<FoundPicture, "path">>();
  return (path) => {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const said = known.get(folder) ?? readFolder(folder === "" ? [] : folder.split("/"), hasTrain);
    known.set(folder, said);
    // Field by field: what is spread so often V8 leaves to its slow collections, of whatever age it is.
    return { path, categoryFolder: said.categoryFolder, folderCategory: said.folderCategory, aside: said.aside };
  };
}

/** What the folders that lead to a picture say of it. */
function readFolder(folders: readonly string[], hasTrain: boolean): Omit<FoundPicture, "path"> {
  const isOutside = hasTrain && folders[0] !== trainFolder;
  const named = (hasTrain && !isOutside ? folders.slice(1) : folders).slice(0, 2);
  const folderCategory = named.length === 0 ? null : named.join("_");
  const outside = `outside ${trainFolder}/, which alone is the catalog where it exists`;
  const aside = isOutside ? outside : folderCategory === null ? "no folder names its category" : null;
  return { categoryFolder: named.join("/"), folderCategory, aside };
}
