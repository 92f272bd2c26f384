import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import sharp from "sharp";
import { type Drawing, drawGarment } from "./draw-garment.js";
import { mix } from "./paint.js";
import { listSampleItems, type SampleItem } from "./sample-items.js";

/** What the sample catalog holds, in catalog order. */
export const sampleItems: readonly SampleItem[] = listSampleItems();

const frame = { width: 400, height: 533 };
const linesFile = "items.jsonl";
/** Sharp draws on its own threads; more at once would only hold more memory. */
const drawnAtOnce = 4;

/**
 * Draws the sample catalog: 130 pictures below `folder`/images and their lines in `folder`/items.jsonl. The folder
 * appears complete or not at all, and one that is complete is left alone. The same release gives the same bytes.
 * @throws Error with one line when the folder holds anything else.
 */
export async function writeSampleCatalog(folder: string): Promise<void> {
  const place = resolve(folder);
  const items = sampleItems;
  if (await isComplete(place, items)) return;
  const [foreign] = await listBelow(place);
  if (foreign !== undefined) throw new Error(`${place} holds ${foreign} and is no whole sample catalog`);
  const draft = join(dirname(place), `.${basename(place)}.drawing-${process.pid}`);
  await mkdir(dirname(place), { recursive: true });
  await rm(draft, { recursive: true, force: true });
  try {
    await drawAll(join(draft, "images"), items);
    await writeFile(join(draft, linesFile), toItemLines(items));
    await putInPlace(draft, place, items);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** What the picture of an item shows: the garment before a pale ground of its own hue. */
function toSampleDrawing({ category, color, pattern, variation }: SampleItem): Drawing {
  const from = mix(color, [250, 249, 247], 0.95);
  const to = mix(color, [238, 236, 233], 0.93);
  return { category, color, pattern, variation, background: { kind: "gradient", from, to }, frame };
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

/** The text of items.jsonl: what the catalog builder reads of each item, one a line. */
export function toItemLines(items: readonly SampleItem[]): string {
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

/** A rename replaces an empty folder and nothing else: what anybody keeps there is safe. */
async function putInPlace(draft: string, place: string, items: readonly SampleItem[]): Promise<void> {
  try {
    await rename(draft, place);
  } catch (error) {
    // Another process may have been quicker by an instant; what it drew is the same.
    if (await isComplete(place, items)) return;
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${place} cannot be put in place (${code})`, { cause: error });
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
