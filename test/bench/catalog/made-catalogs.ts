import { createHash } from "node:crypto";
import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { openSeenStore, type SeenBy } from "../../../catalog/seen-store.js";
import { toSwatch } from "../../../src/domain/color.js";
import { type Embedding, toEmbedding } from "../../../src/domain/embedding.js";
import type { Rgb } from "../../../src/domain/image.js";
import { scramble } from "../../support/formula-pictures.js";
import { toDistinctJpeg } from "../harness/distinct-jpeg.js";

const categories = [
  "shirt",
  "sweater",
  "jacket",
  "coat",
  "pants",
  "jeans",
  "skirt",
  "dress",
  "sneakers",
  "boots",
  "bag",
];
/** The least that a build takes. */
const side = 32;

/** A catalog's pictures by number, in folders that name their categories. */
function toPicturePath(number: number): string {
  return `garments/${categories[number % categories.length]}/${String(number).padStart(6, "0")}.jpg`;
}

/** Writes `count` pictures, the same but for their digests. */
export function writePictures(folder: string, jpeg: Uint8Array, count: number): void {
  for (const category of categories) mkdirSync(join(folder, "garments", category), { recursive: true });
  for (let number = 0; number < count; number++) {
    writeFileSync(join(folder, toPicturePath(number)), toDistinctJpeg(jpeg, number));
  }
}

/** The first `count` of those pictures in a folder of their own. */
export function linkPictures(from: string, to: string, count: number): void {
  for (const category of categories) mkdirSync(join(to, "garments", category), { recursive: true });
  for (let number = 0; number < count; number++) {
    linkSync(join(from, toPicturePath(number)), join(to, toPicturePath(number)));
  }
}

/** A picture as small as a build takes it. */
export function drawTinyJpeg(): Promise<Uint8Array> {
  return sharp({ create: { width: side, height: side, channels: 3, background: "#3c5aaa" } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** Keeps what a look at all pictures but the first `unseen` might have shown: vectors in clusters, and three colors each. */
export async function keepMadeFeatures(
  cacheFolder: string,
  by: SeenBy,
  jpeg: Uint8Array,
  pictures: Readonly<{ count: number; unseen: number }>,
): Promise<void> {
  mkdirSync(dirname(cacheFolder), { recursive: true });
  const store = await openSeenStore(cacheFolder, by);
  for (let number = pictures.unseen; number < pictures.count; number++) {
    const digest = createHash("sha256").update(toDistinctJpeg(jpeg, number)).digest("hex");
    const [first, second, third] = [0, 1, 2].map((place) => toColor(number * 3 + place));
    const palette = [toSwatch(first!, 0.6), toSwatch(second!, 0.3), toSwatch(third!, 0.1)] as const;
    const embedding = toVector(number, by.dimension);
    await store.keep(digest, { embedding, palette, meanColor: first!, thumbnail: null });
  }
  await store.close();
}

function toColor(number: number): Rgb {
  const bits = scramble(77_000_000 + number);
  return [bits & 255, (bits >> 8) & 255, (bits >> 16) & 255];
}

const uniform = (number: number) => scramble(number) / 2 ** 32;

/** A direction of its own near that of its category, as embeddings of garments lie. */
function toVector(number: number, dimension: number): Embedding {
  const category = number % categories.length;
  const values = new Float32Array(dimension);
  for (let at = 0; at < dimension; at++) {
    values[at] = uniform(category * dimension + at) - 0.5 + 0.7 * (uniform(1_000_003 + number * dimension + at) - 0.5);
  }
  return toEmbedding(values);
}
