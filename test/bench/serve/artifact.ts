import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createCatalogRows } from "../../../catalog/catalog-rows.js";
import { writeArtifact } from "../../../catalog/write-artifact.js";
import { readEncoderFiles } from "../../../src/adapters/encoder-files.js";
import { faissAvailability } from "../../../src/adapters/faiss-index.js";
import { artifactVersion } from "../../../src/domain/artifact.js";
import type { CatalogItem } from "../../../src/domain/catalog.js";
import { toSwatch } from "../../../src/domain/color.js";
import { type Embedding, toEmbedding } from "../../../src/domain/embedding.js";
import type { Rgb } from "../../../src/domain/image.js";
import { standardRules } from "../../../src/domain/ranking-rules.js";
import { uncalibrated } from "../../../src/domain/vote-confidence.js";
import { scramble } from "../../support/formula-pictures.js";
import { benchFolder } from "../harness/project-folder.js";

export const catalogItems = 13_000;

const categories = [
  ...["upperwear_shirt", "upperwear_tshirt", "upperwear_sweater", "upperwear_jacket", "outerwear_coat"],
  ...["bottomwear_pants", "bottomwear_jeans", "bottomwear_skirt", "bottomwear_shorts", "one-piece_dress"],
  ...["footwear_sneakers", "footwear_boots", "footwear_heels", "accessories_bag", "accessories_hat"],
] as const;
const genders = ["women", "men", "unisex"] as const;

/** The id of the item of a row: in the order of ids, as a build has them. */
export function toItemId(row: number): string {
  return `item-${String(row).padStart(6, "0")}`;
}

/** The folder of an artifact with random vectors and this encoder; made anew when the encoder has changed. */
export async function provideArtifact(encoder: string, items: number = catalogItems): Promise<string> {
  const keep = join(benchFolder, "serve", String(items));
  const shape = `${readFileSync(join(encoder, "encoder.json"), "utf8")} ${toItemId(0)} ${artifactVersion} ${faissAvailability().available}`;
  const artifact = join(keep, createHash("sha256").update(shape).digest("hex").slice(0, 16));
  if (!existsSync(artifact)) {
    rmSync(keep, { recursive: true, force: true });
    const unfinished = join(keep, "unfinished");
    mkdirSync(unfinished, { recursive: true });
    process.stderr.write(`Making a catalog of ${items} items ...\n`);
    await makeArtifact(unfinished, encoder, items);
    renameSync(unfinished, artifact);
  }
  return artifact;
}

async function makeArtifact(folder: string, encoderFolder: string, count: number): Promise<void> {
  const encoder = await readEncoderFiles(encoderFolder);
  const model = encoder.models.find((each) => each.model.precision === "int8") ?? encoder.models[0];
  const { dimension } = encoder.manifest.output;
  const rows = createCatalogRows(folder, dimension);
  for (let row = 0; row < count; row++) await rows.add(anItem(row), rowVector(row, dimension));
  await writeArtifact(folder, {
    ...{ rows: await rows.finish(), encoder, model },
    ...{ rules: standardRules, calibrate: async () => uncalibrated, skipped: 0, thumbnails: null },
    index: faissAvailability().available ? "faiss" : "none",
  });
}

const uniform = (number: number) => scramble(number) / 2 ** 32;

/** A direction of its own near that of its category, as embeddings of garments lie. */
function rowVector(row: number, dimension: number): Embedding {
  const category = row % categories.length;
  const values = Float32Array.from({ length: dimension }, (_, at) => {
    return uniform(category * dimension + at) - 0.5 + 0.7 * (uniform(1_000_003 + row * dimension + at) - 0.5);
  });
  return toEmbedding(values);
}

function anItem(row: number): CatalogItem {
  const seed = 77_000_000 + row * 8;
  const channel = (at: number) => scramble(seed + at) & 255;
  const color: Rgb = [channel(0), channel(1), channel(2)];
  const second: Rgb = [channel(3), channel(4), channel(5)];
  return {
    ...{ row, id: toItemId(row), path: `pictures/${row}.jpg`, meanColor: color },
    category: categories[row % categories.length]!,
    gender: genders[scramble(seed + 6) % genders.length]!,
    palette: [toSwatch(color, 0.7), toSwatch(second, 0.3)],
    ...{ title: `Item ${row}`, price: null, url: null, imageUrl: null },
  };
}
