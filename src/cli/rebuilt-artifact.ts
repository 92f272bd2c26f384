import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BuildReport, buildCatalog } from "../../catalog/build-catalog.js";
import { readArtifactWords } from "../adapters/artifact-words.js";
import { artifactPaths } from "../domain/artifact.js";
import type { ItemRecord } from "../domain/catalog-record.js";
import type { PipelineOptions } from "../open-pipeline.js";
import { now } from "../serving/clock.js";
import { createBuildBar } from "./catalog-build.js";

/** What the same items are looked at with. */
export type Rebuild = Readonly<{
  encoderFolder: string;
  /** The pictures the artifact was built from. */
  images: string;
  precision: PipelineOptions["precision"];
  signal: AbortSignal;
}>;

/**
 * Builds an artifact's items anew with another encoder, in `folder`, which is empty.
 * @throws Error for the operator, as `buildCatalog`; the signal's reason
 */
export async function rebuildArtifact(artifact: string, folder: string, rebuild: Rebuild): Promise<BuildReport> {
  const { rules } = await readArtifactWords(artifact, "later");
  const itemsFile = join(folder, "items.jsonl");
  await writeItems(join(artifact, artifactPaths.items), itemsFile);
  const bar = createBuildBar();
  const report = buildCatalog({
    imagesFolder: rebuild.images,
    outFolder: join(folder, "artifact"),
    itemsFile,
    itemsName: join(artifact, artifactPaths.items),
    categoryMap: new Map(),
    encoderFolder: rebuild.encoderFolder,
    // Vectors of half precision are the full one's, but for a CPU that takes far longer.
    precision: rebuild.precision === "fp16" ? "fp32" : rebuild.precision,
    rules,
    thumbnails: null,
    index: "none",
    workers: availableParallelism(),
    signal: rebuild.signal,
    now,
    progress: ({ done, total }) => bar.show("pictures", done, total),
    verifying: ({ done, total }) => bar.show("verified", done, total),
  });
  return report.finally(bar.end);
}

/** What a person would have written: the rest is found anew. */
async function writeItems(from: string, to: string): Promise<void> {
  const file = await open(to, "wx");
  try {
    for await (const line of createInterface({ input: createReadStream(from) })) {
      const { mean_color: _, palette: __, ...item }: ItemRecord = JSON.parse(line);
      const said = Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));
      await file.write(`${JSON.stringify(said)}\n`);
    }
  } finally {
    await file.close();
  }
}
