import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import type { PreprocessVersion } from "../../src/domain/clip-input.js";
import type { Query } from "../../src/domain/query.js";
import { aFolder } from "../support/a-folder.js";
import { openPipeline, pipelineOptions } from "../support/compiled-pipeline.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";

function nearest(bytes: Uint8Array): Query {
  const nothingAsked = {
    gender: null,
    category: null,
    topK: 1,
    itemsPerCategory: null,
    excludeIds: [],
    explain: false,
  };
  return { source: { kind: "image", bytes }, mode: "similar", profile: "v5", ...nothingAsked };
}

describe("an encoder of another side than 224", () => {
  // 7 divides each: the tiny encoder looks at 7 x 7 cells.
  const versions = ["clip-exact-28", "clip-hf-exact-56", "clip-fast-112", "clip-exact-336"] as const;

  it.each(versions)("with %s builds, opens, warms up and finds each of its own pictures", async (preprocess) => {
    const folder = await aFolder();
    const artifactFolder = await writeTinyArtifact(folder, { preprocess });
    const { manifest, catalog } = await readArtifact(artifactFolder);
    expect(manifest.preprocess).toBe(preprocess);
    const pipeline = await openPipeline({ ...pipelineOptions, index: "exact", artifactFolder });
    try {
      expect(pipeline.facts.preprocess).toBe(preprocess);
      await pipeline.warmUp();
      for (const { id, path } of catalog.items) {
        const bytes = await readFile(join(folder, "images", path!));
        const { similar } = await pipeline.recommend(nearest(bytes), new AbortController().signal);
        expect(similar.map(({ item }) => item.id)).toEqual([id]);
        expect(similar[0]!.similarity).toBeCloseTo(1, 5);
      }
    } finally {
      await pipeline.close();
    }
  });

  it.each([
    ["clip-exact-28", "clip-exact-56"],
    ["clip-exact-28", "clip-hf-exact-28"],
  ] as const)("with %s is refused beside a catalog of %s", async (ofEncoder, ofCatalog) => {
    const artifactFolder = await writeTinyArtifact(await aFolder(), { preprocess: ofEncoder });
    await changeManifest(artifactFolder, ofCatalog);
    await expect(readArtifact(artifactFolder)).rejects.toThrow(`preprocess is ${ofEncoder}, not ${ofCatalog}`);
  });
});

async function changeManifest(folder: string, preprocess: PreprocessVersion): Promise<void> {
  const file = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(file, "utf8")) as object;
  await writeFile(file, JSON.stringify({ ...manifest, preprocess }));
}
