import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { answerExhaustively, pickQueries } from "../../src/cli/exhaustive-answers.js";
import type { CatalogItem } from "../../src/domain/catalog.js";
import { toCandidates } from "../../src/domain/catalog-candidates.js";
import { toSwatch } from "../../src/domain/color.js";
import { dotProduct, type Embedding, toEmbedding } from "../../src/domain/embedding.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { rankAsV5 } from "../../src/domain/ranking-v5.js";
import { aFolder } from "../support/a-folder.js";
import { aColor, aRankInput, red } from "../support/ranking-builders.js";

// 18 MB of vectors: more than is read at a time.
const dimension = 4096;
const rows = 1100;
const categories = ["upperwear_shirt", "bottomwear_pants", "footwear_shoes", "accessories_bag"];
const never = new AbortController().signal;

const items: readonly CatalogItem[] = Array.from({ length: rows }, (_, row) => ({
  ...{ row, id: `item-${row}`, path: null, category: categories[row % categories.length]!, gender: null },
  ...{ title: null, price: null, url: null, imageUrl: null },
  palette: [toSwatch([(row * 7) % 256, (row * 31) % 256, (row * 13) % 256], 1)],
  meanColor: [1, 2, 3],
}));

function aVector(seed: number): Embedding {
  return toEmbedding(Float32Array.from({ length: dimension }, (_, i) => Math.sin((seed + 1) * (i + 1) * 12.9898)));
}

const vectors = items.map(({ row }) => aVector(row));

async function aVectorFile(): Promise<string> {
  const folder = await aFolder();
  await writeFile(join(folder, "embeddings.f32"), Buffer.concat(vectors.map(({ buffer }) => Buffer.from(buffer))));
  return folder;
}

type Pipeline = Parameters<typeof answerExhaustively>[1];
const pipeline = {
  catalog: { items, rowOf: () => undefined, digest: "" },
  rules: standardRules,
  facts: { dimension },
} as unknown as Pipeline;

describe("answers by a look at every row", () => {
  it("are those of the exact products, from a file that is read in parts", async () => {
    const asked = [5, 1099].map((row) => ({ embedding: aVector(row + 0.001), dominant: aColor(red) }));
    const answers = await answerExhaustively(await aVectorFile(), pipeline, asked, never);
    for (const [i, { embedding, dominant }] of asked.entries()) {
      const similarities = vectors.map((vector) => Math.fround(dotProduct(embedding, vector)));
      const nearest = [...similarities.keys()].sort((one, other) => similarities[other]! - similarities[one]!);
      const { neighbors, ranking } = answers[i]!;
      expect(neighbors.map(({ row }) => row)).toEqual(nearest.slice(0, 10));
      const input = aRankInput([], { color: dominant }, { candidates: toCandidates(items, "v5"), similarities });
      const expected = rankAsV5(input);
      expect(ranking.queryCategory).toBe(expected.queryCategory);
      expect(ranking.suggestions.map(({ candidate }) => candidate.id)).toEqual(
        expected.suggestions.map(({ candidate }) => candidate.id),
      );
    }
  });

  it("refuse a file that is too short, and end when they are told to", async () => {
    const folder = await aVectorFile();
    const asked = [{ embedding: aVector(1), dominant: aColor(red) }];
    await expect(answerExhaustively(folder, pipeline, asked, AbortSignal.abort(new Error("enough")))).rejects.toThrow(
      "enough",
    );
    await truncate(join(folder, "embeddings.f32"), 4 * dimension * (rows - 1));
    await expect(answerExhaustively(folder, pipeline, asked, never)).rejects.toThrow("shorter than its manifest says");
  });
});

describe("the queries that are asked", () => {
  it("are all of a small catalog, and of a large one some, spread evenly", () => {
    const photos = Array.from({ length: 1000 }, (_, i) => i);
    expect(pickQueries(photos, 13_000)).toEqual(photos);
    const some = pickQueries(photos, 1_000_000);
    expect(some).toHaveLength(134);
    expect([some[0], some[67]]).toEqual([0, 500]);
    expect(pickQueries(photos, 20_000_000)).toHaveLength(50);
    expect(pickQueries([1, 2], 20_000_000)).toEqual([1, 2]);
    expect(pickQueries([], 10)).toEqual([]);
  });
});
