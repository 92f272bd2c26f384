import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type * as buildSource from "../../catalog/build-catalog.js";
import { toPngBytes } from "../../src/adapters/png-bytes.js";
import type { Rgb } from "../../src/domain/image.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { type TinyEntry, writeTinyEncoder } from "./tiny-encoder.js";
import type { TinyModel } from "./tiny-model.js";

// Threads run compiled code, and the decoder and encoder find their scripts beside themselves: `npm test` compiles first.
const compiled = new URL("../../dist/catalog/build-catalog.js", import.meta.url);

/** One plain picture a category and shade: enough for an outfit with something in every place. */
const categories = [
  "upperwear_shirt",
  "upperwear_jacket",
  "bottomwear_pants",
  "bottomwear_skirt",
  "footwear_shoes",
  "accessories_bag",
] as const;
const shades: readonly Rgb[] = [
  [200, 40, 40],
  [40, 60, 200],
  [90, 160, 60],
];

const white: Rgb = [255, 255, 255];

/** A garment-like picture: a colored block on plain ground, shaped by its number so that no two embeddings are alike. */
export function tinyPicture([red, green, blue]: Rgb, shape = 0, side = 96, ground = white): Uint8Array<ArrayBuffer> {
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => ground[at % 3]!);
  const [width, height] = [20 + ((shape * 13) % 50), 20 + ((shape * 29) % 60)];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isGarment = Math.abs(x - side / 2) * 2 < width && Math.abs(y - side / 2) * 2 < height;
      if (isGarment) pixels.set([red, green, blue], (y * side + x) * 3);
    }
  }
  return toPngBytes({ width: side, height: side, pixels });
}

/** A valid picture of one pixel whose header declares this many. */
export function declaredHuge(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(toPngBytes({ width: 1, height: 1, pixels: new Uint8Array(3) }));
  const headerAt = 12;
  bytes.writeUInt32BE(width, headerAt + 4);
  bytes.writeUInt32BE(height, headerAt + 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(headerAt, headerAt + 17)), headerAt + 17);
  return bytes;
}

/** Writes a complete artifact of eighteen items with a tiny real encoder, of several models if given, and gives its folder. */
export async function writeTinyArtifact(
  folder: string,
  model: Partial<TinyModel> = {},
  entries?: readonly TinyEntry[],
  thumbnails: number | null = null,
): Promise<string> {
  const [imagesFolder, encoderFolder, outFolder] = ["images", "encoder", "artifact"].map((name) => join(folder, name));
  for (const [place, category] of categories.entries()) {
    const [family, kind] = category.split("_");
    await mkdir(join(imagesFolder!, family!, kind!), { recursive: true });
    for (const [shade, color] of shades.entries()) {
      const file = join(imagesFolder!, family!, kind!, `${shade}.png`);
      await writeFile(file, tinyPicture(color, place * shades.length + shade));
    }
  }
  await writeTinyEncoder(encoderFolder!, model, entries);
  const { buildCatalog } = (await import(compiled.href)) as typeof buildSource;
  await buildCatalog({
    imagesFolder: imagesFolder!,
    encoderFolder: encoderFolder!,
    outFolder: outFolder!,
    itemsFile: null,
    categoryMap: new Map(),
    index: "none",
    rules: standardRules,
    precision: "auto",
    thumbnails,
    workers: 1,
    signal: new AbortController().signal,
    now: () => 0,
  });
  return outFolder!;
}
