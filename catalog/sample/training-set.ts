import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { fromHsl } from "./tasteful-color.js";
import { type Background, black, gray, white } from "./background.js";
import { type Drawing, drawGarment } from "./draw-garment.js";
import { type SampleCategory, sampleCategories } from "./garment-shapes.js";
import type { Pattern } from "./pattern.js";
import { createRandom, pick, type Random } from "./seeded-random.js";
import type { Rgb } from "../../src/domain/image.js";

/** One training picture's drawing: anything the sample can draw, anywhere, on anything. Number `index` of a category. */
export function toTrainingDrawing(category: SampleCategory, index: number, seed: string): Drawing {
  const random = createRandom(`${seed} ${category} ${index}`);
  return {
    category,
    color: garmentColor(random),
    variation: `${seed} ${category} ${index} variation`,
    background: background(random),
    frame: random() < 0.5 ? { width: 320, height: 426 } : { width: 400, height: 400 },
    fill: 0.5 + random() * 0.48,
    pose: {
      degrees: (random() - 0.5) * 30,
      mirrored: random() < 0.5,
      shiftX: (random() - 0.5) * 0.16,
      shiftY: (random() - 0.5) * 0.16,
    },
    pattern: pick<Pattern>(
      ["plain", "plain", "plain", "plain", "plain", "plain", "pinstripes", "stripes", "bands", "checks", "dots", "denim"],
      random(),
    ),
    trim: pick(["#f1ede4", "#f1ede4", "#ffffff", "#2f2b2a", "#b9834a", "#8c8f94"], random()),
    shadow: random() < 0.7,
  };
}

/**
 * Writes `count` pictures of every category to `<folder>/<category>/<number>.jpg`, then an empty file `DONE`.
 * The folder appears complete or not at all; one that exists is replaced.
 */
export async function writeTrainingSet(folder: string, count: number, seed: string): Promise<void> {
  const draft = `${folder}.tmp`;
  await rm(draft, { recursive: true, force: true });
  for (const category of sampleCategories) {
    await mkdir(join(draft, category), { recursive: true });
    for (let index = 0; index < count; index++) {
      const drawing = toTrainingDrawing(category, index, seed);
      const file = join(draft, category, `${String(index).padStart(5, "0")}.jpg`);
      await sharp(Buffer.from(drawGarment(drawing))).flatten().jpeg({ quality: 88 }).toFile(file);
    }
    process.stderr.write(`${category}: ${count}\n`);
  }
  await writeFile(join(draft, "DONE"), "");
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

function garmentColor(random: Random): Rgb {
  const kind = random();
  if (kind < 0.12) return fromHsl(random(), random() * 0.12, 0.86 + random() * 0.12);
  if (kind < 0.26) return fromHsl(random(), random() * 0.2, 0.05 + random() * 0.15);
  if (kind < 0.38) return fromHsl(random(), random() * 0.12, 0.25 + random() * 0.5);
  return fromHsl(random(), 0.25 + random() * 0.6, 0.2 + random() * 0.58);
}

function background(random: Random): Background {
  const any = () => fromHsl(random(), random() * 0.6, 0.15 + random() * 0.78);
  const seed = Math.floor(random() * 1e9);
  return pick<() => Background>(
    [
      () => white,
      () => white,
      () => gray,
      () => black,
      () => ({ kind: "solid", color: any() }),
      () => ({ kind: "gradient", from: [247, 245, 241], to: [226, 222, 216] }),
      () => ({ kind: "gradient", from: any(), to: any() }),
      () => ({ kind: "wood", seed }),
      () => ({ kind: "tiles", seed }),
      () => ({ kind: "blobs", seed }),
      () => ({ kind: "cloth", seed }),
    ],
    random(),
  )();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      count: { type: "string", default: "250" },
      seed: { type: "string", default: "1" },
    },
  });
  if (values.out === undefined) throw new Error("training-set needs --out DIR");
  await writeTrainingSet(values.out, Number(values.count), values.seed);
}
