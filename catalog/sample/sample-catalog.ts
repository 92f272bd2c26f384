import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import sharp from "sharp";
import { type Drawing, drawGarment } from "./draw-garment.js";
import { mix } from "./paint.js";
import { listSampleItems, type SampleItem } from "./sample-items.js";

/** What the sample catalog holds, in catalog order. */
export const sampleItems: readonly SampleItem[] = listSampleItems();

const linesFile = "items.jsonl";
/** Sharp draws on its own threads; more at once would only hold more memory. */
const drawnAtOnce = 4;

/**
 * Draws the sample catalog: 130 pictures below `folder`/images and their lines in `folder`/items.jsonl. The folder
 * appears complete or not at all, and one that is complete is left alone. The same release gives the same bytes.
 * @throws Error with one line when the folder holds something else.
 */
export async function writeSampleCatalog(folder: string): Promise<void> {
  const place = resolve(folder);
  const items = sampleItems;
  if (await isComplete(place, items)) return;
  const draft = join(dirname(place), `.${basename(place)}.drawing-${process.pid}`);
  await mkdir(dirname(place), { recursive: true });
  await rm(draft, { recursive: true, force: true });
  try {
    await drawAll(join(draft, "images"), items);
    await writeFile(join(draft, linesFile), toLines(items));
    await putInPlace(draft, place, items);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** What the picture of an item shows: the garment before a pale ground of its own hue. */
export function toSampleDrawing({ category, color, pattern, variation, id }: SampleItem): Drawing {
  const background = {
    kind: "gradient",
    from: mix(color, [250, 249, 247], 0.95),
    to: mix(color, [238, 236, 233], 0.93),
  };
  const trim = category === "footwear_sneakers" && /white/.test(id) ? "#e3e0d9" : "#f1ede4";
  return { category, color, pattern, variation, background, trim, frame: { width: 400, height: 533 } } as Drawing;
}

async function drawAll(folder: string, items: readonly SampleItem[]): Promise<void> {
  for (const parent of new Set(items.map(({ path }) => dirname(path)))) {
    await mkdir(join(folder, parent), { recursive: true });
  }
  const waiting = [...items];
  const drawNext = async () => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      const svg = Buffer.from(drawGarment(toSampleDrawing(item)));
      await sharp(svg).flatten().png({ compressionLevel: 6 }).toFile(join(folder, item.path));
    }
  };
  await Promise.all(Array.from({ length: drawnAtOnce }, drawNext));
}

function toLines(items: readonly SampleItem[]): string {
  const lines = items.map(({ id, category, gender, title, price, path }) => ({
    id,
    category,
    gender,
    title,
    price,
    path,
  }));
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

async function isComplete(place: string, items: readonly SampleItem[]): Promise<boolean> {
  const names = new Set(await listBelow(place));
  return [linesFile, ...items.map(({ path }) => `images/${path}`)].every((name) => names.has(name));
}

/** What an earlier release left is replaced; a folder that never was a sample is not touched. */
async function putInPlace(draft: string, place: string, items: readonly SampleItem[]): Promise<void> {
  const names = await listBelow(place);
  const foreign = names.find((name) => name !== linesFile && !name.startsWith("images/"));
  if (foreign !== undefined) throw new Error(`${place} holds ${foreign}, which is not part of the sample catalog`);
  await rm(place, { recursive: true, force: true });
  try {
    await rename(draft, place);
  } catch (error) {
    // Another process was quicker by an instant; what it drew is the same.
    if (!(await isComplete(place, items))) throw error;
  }
}

/** Every file below a folder, forward slashes; none when it is absent. */
async function listBelow(folder: string): Promise<readonly string[]> {
  if (!(await stat(folder).catch(() => null))) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map(({ parentPath, name }) =>
    join(parentPath, name)
      .slice(folder.length + 1)
      .replaceAll("\\", "/"),
  );
}
