import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp, { type Color } from "sharp";
import type { BuildOptions, BuildReport } from "../../catalog/build-catalog.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { aFolder } from "./a-folder.js";
import { buildCatalog } from "./compiled-catalog.js";
import { writeTinyEncoder } from "./tiny-encoder.js";

export type PictureOptions = Readonly<{ width?: number; height?: number; color?: Color; backdrop?: Color }>;

/** Writes a picture of a colored square on a backdrop, in the format its extension names, or raw bytes as they are. */
export async function writePicture(folder: string, path: string, options: PictureOptions | Uint8Array = {}) {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  if (options instanceof Uint8Array) return writeFile(file, options);
  const { width = 64, height = 80, color = "#c81e28", backdrop = "#f0f0f0" } = options;
  const [inner, outer] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const square = await sharp({ create: { width: inner, height: outer, channels: 3, background: color } })
    .png()
    .toBuffer();
  const format = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  await sharp({ create: { width, height, channels: 3, background: backdrop } })
    .composite([{ input: square }])
    .toFormat(format as "png")
    .toFile(file);
}

/** Colors that a square of each number has, all different. */
export function colorOf(number: number): Color {
  return { r: (number * 53) % 256, g: (number * 97 + 40) % 256, b: (number * 151 + 80) % 256 };
}

/** Options for a build of `imagesFolder` with a tiny encoder into a new place. */
export async function aBuild(imagesFolder: string, changes: Partial<BuildOptions> = {}): Promise<BuildOptions> {
  const folder = await aFolder();
  const encoderFolder = join(folder, "encoder");
  await writeTinyEncoder(encoderFolder);
  return {
    imagesFolder,
    outFolder: join(folder, "artifact"),
    itemsFile: null,
    categoryMap: new Map(),
    rules: standardRules,
    encoderFolder,
    precision: "auto",
    sumsBytesExactly: true,
    thumbnails: null,
    index: "none",
    workers: 1,
    now: () => 0,
    signal: new AbortController().signal,
    ...changes,
  };
}

/** A folder with `count` pictures in each of three categories. */
export async function aPictureFolder(count = 2): Promise<string> {
  const folder = await aFolder();
  const categories = ["upperwear/shirt", "bottomwear/pants", "footwear/heels"];
  for (const [i, category] of categories.entries()) {
    for (let each = 0; each < count; each++) {
      await writePicture(folder, `${category}/${each}.png`, { color: colorOf(i * 100 + each) });
    }
  }
  return folder;
}

/** Builds that folder's artifact. */
export async function anArtifact(changes: Partial<BuildOptions> = {}): Promise<BuildReport> {
  return buildCatalog(await aBuild(await aPictureFolder(), changes));
}

/** Every file below a folder with its bytes, by path. */
export async function readFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = paths.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const);
  return new Map(await Promise.all(read));
}
