import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { calibrateVote } from "../../../catalog/calibrate.js";
import { createExactIndex } from "../../../src/adapters/exact-index.js";
import { standardRules } from "../../../src/domain/ranking-rules.js";
import { aFolder } from "../../support/a-folder.js";

type Place = Readonly<{ degrees: number; category: string | null }>;

/** Items on a circle: what lies close by is similar. */
async function aCircle(places: readonly Place[], dimension: number) {
  const values = new Float32Array(places.length * dimension);
  for (const [row, { degrees }] of places.entries()) {
    values.set([Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)], row * dimension);
  }
  const file = join(await aFolder(), "embeddings.f32");
  await writeFile(file, values);
  return { categories: places.map(({ category }) => category), vectors: { file, rows: places.length, dimension } };
}

async function calibrate(places: readonly Place[], rules = standardRules, signal = aSignal(), dimension = 2) {
  return calibrateVote(await aCircle(places, dimension), createExactIndex, rules, signal);
}

const aSignal = () => new AbortController().signal;

/** One half all shirts, which a vote gets right; in the other anything lies beside anything. */
const places = (count: number): readonly Place[] =>
  Array.from({ length: count }, (_, i) => {
    const isMixed = i >= count / 2 && (i * i * 7 + i * 3) % 11 < 5;
    return { degrees: (i * 360) / count, category: isMixed ? "pants" : "shirt" };
  });

describe("a catalog's calibration", () => {
  test("is fitted on every item, and rises with the share", async () => {
    const { samples, slope } = await calibrate(places(120));
    expect(samples).toBe(120);
    expect(slope).toBeGreaterThan(0);
  });

  test("is none for fewer items than can be judged by", async () => {
    expect(await calibrate(places(40))).toEqual({ intercept: 0, slope: 1, samples: 0 });
  });

  test("asks every item's neighbors but never the item itself, nor what is all but identical", async () => {
    // Each item alone of its category, twice in the same place: only the item or its double would vote for it.
    const alone = Array.from({ length: 120 }, (_, i) => ({
      degrees: Math.floor(i / 2) * 6,
      category: `kind ${Math.floor(i / 2)}`,
    }));
    const rules = { ...standardRules, voteTemperature: 0.001 };
    const lonely = await calibrate(alone, rules);
    const paired = await calibrate(alone, { ...rules, sameItemSimilarity: 2 });
    // With its double allowed to vote the item is found; without, never.
    expect(lonely.intercept + lonely.slope).toBeLessThan(0);
    expect(paired.intercept + paired.slope).toBeGreaterThan(0);
  });

  test("leaves out items without a category", async () => {
    const some = places(120).map((place, i) => (i % 2 === 0 ? { ...place, category: null } : place));
    expect((await calibrate(some)).samples).toBe(60);
  });

  test("takes two thousand of a larger catalog, the same each time", async () => {
    const first = await calibrate(places(2400));
    expect(first.samples).toBe(2000);
    expect(await calibrate(places(2400))).toEqual(first);
  });

  test("is the same where the vectors are too long to be read in one go", async () => {
    const some = places(300);
    expect(await calibrate(some, standardRules, aSignal(), 16_384)).toEqual(await calibrate(some));
  });

  test("ends when it is asked to", async () => {
    const interruption = new AbortController();
    interruption.abort(new Error("interrupted"));
    await expect(calibrate(places(120), standardRules, interruption.signal)).rejects.toThrow("interrupted");
  });
});
