import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { drawGarment } from "./draw-garment.js";
import { sampleCategories } from "./garment-shapes.js";
import { planTrainingPicture } from "./training-picture.js";

/**
 * Writes `count` pictures of every category to `<folder>/<category>/<number>.png`, then an empty file `DONE`.
 * The folder appears complete or not at all; one that exists is replaced.
 */
export async function writeTrainingSet(folder: string, count: number, seed: string): Promise<void> {
  const draft = `${folder}.draft-${process.pid}`;
  for (const category of sampleCategories) {
    await mkdir(join(draft, category), { recursive: true });
    for (let place = 0; place < count; place++) {
      const svg = drawGarment(planTrainingPicture(category, place, seed));
      const file = join(draft, category, `${String(place).padStart(5, "0")}.png`);
      await sharp(Buffer.from(svg)).flatten().png({ compressionLevel: 4 }).toFile(file);
    }
    process.stderr.write(`${category}: ${count}\n`);
  }
  await writeFile(join(draft, "DONE"), "");
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      count: { type: "string", default: "250" },
      seed: { type: "string", default: "1" },
    },
  });
  const count = Number(values.count);
  if (values.out === undefined || !Number.isInteger(count) || count < 1) {
    throw new Error("usage: training-set --out DIR [--count N] [--seed S]");
  }
  return { folder: values.out, count, seed: values.seed };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { folder, count, seed } = readOptions();
  await writeTrainingSet(folder, count, seed);
}
