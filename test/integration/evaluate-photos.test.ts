import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { lookAtPhotos } from "../../src/cli/evaluate-photos.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { createPipeline, type ServedFacts } from "../../src/pipeline.js";
import { aFolder } from "../support/a-folder.js";
import { pipelineParts, type ShelfItem } from "../support/pipeline-builders.js";

const items: readonly ShelfItem[] = [
  { id: "shirt", category: "upperwear_shirt", similarity: 0.9 },
  { id: "jeans", category: "bottomwear_pants", similarity: 0.4 },
  { id: "bag", category: "accessories_bag", similarity: 0.3 },
];

const facts = (index: ServedFacts["index"]) => ({ index }) as ServedFacts;
const never = new AbortController().signal;
let photo: Readonly<{ path: string; category: string }>;

beforeAll(async () => {
  photo = { path: join(await aFolder(), "photo.png"), category: "upperwear_shirt" };
  await writeFile(photo.path, Uint8Array.of(1));
});

/** A pipeline that notes how often a picture is decoded. */
function aPipeline(index: ServedFacts["index"], rules = standardRules) {
  const decoded: boolean[] = [];
  const parts = pipelineParts(items);
  const recommend = createPipeline({
    ...parts,
    decodeImage: (bytes, wants, ...rest) => {
      decoded.push(wants.meanColor);
      return parts.decodeImage(bytes, wants, ...rest);
    },
  });
  return { pipeline: { recommend, facts: facts(index), rules }, decoded };
}

describe("a look at a photo", () => {
  it("has both profiles' answers and the nearest of one decoding", async () => {
    const { pipeline, decoded } = aPipeline("exact");
    const { seen, failed } = await lookAtPhotos(pipeline, [photo], never);
    expect([decoded, failed]).toEqual([[true], []]);
    expect(seen[0]).toMatchObject({ ...photo, dominant: { rgb: [200, 30, 40] } });
    expect(seen[0]!.v4).toMatchObject({ mean: { rgb: [30, 40, 200] }, ranking: { profile: "v4" } });
    const { neighbors, ranking } = seen[0]!.found;
    expect(ranking).toMatchObject({ profile: "v5", queryCategory: "upperwear_shirt" });
    expect(neighbors.map(({ row }) => row)).toEqual([0, 1, 2]);
    expect([...seen[0]!.embedding]).toEqual([1, 0]);
  });

  it("asks no v4 of a catalog in codes, and no more neighbors than its rules allow", async () => {
    const { pipeline, decoded } = aPipeline("codes", { ...standardRules, maxTotal: 2 });
    const { seen } = await lookAtPhotos(pipeline, [photo], never);
    expect([decoded, seen[0]!.v4]).toEqual([[false], null]);
    expect(seen[0]!.found.neighbors).toHaveLength(2);
  });

  it("names a photo that has gone, and goes on", async () => {
    const { pipeline } = aPipeline("exact");
    const gone = { ...photo, path: join(await aFolder(), "gone.png") };
    const { seen, failed } = await lookAtPhotos(pipeline, [gone, photo], never);
    expect(seen.map(({ path }) => path)).toEqual([photo.path]);
    expect(failed).toEqual([{ path: gone.path, reason: "cannot be read (ENOENT)" }]);
  });

  it("ends with the signal's reason, also while a photo is being decoded", async () => {
    const interruption = new AbortController();
    const recommend = createPipeline({
      ...pipelineParts(items),
      decodeImage: () => {
        interruption.abort(new Error("interrupted"));
        return new Promise(() => {});
      },
    });
    const pipeline = { recommend, facts: facts("exact"), rules: standardRules };
    await expect(lookAtPhotos(pipeline, [photo, photo], interruption.signal)).rejects.toThrow("interrupted");
  });
});
