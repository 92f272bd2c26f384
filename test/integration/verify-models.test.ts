import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ModelAtWork, VerifyOptions } from "../../models/verify/verify-models.js";
import { defaultThresholds } from "../../src/domain/precision-gate.js";
import { aFolder } from "../support/a-folder.js";
import { createOnnxEncoder } from "../support/compiled-encoder.js";
import { verifyModels } from "../support/compiled-verify.js";
import { somePictures } from "../support/some-pictures.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";
import type { TinyModel } from "../support/tiny-model.js";

const pictures = await somePictures(108);

/** A model that differs from the reference as the options say, in a folder of its own. */
async function aModel(model: string, options: Partial<TinyModel> = {}): Promise<ModelAtWork> {
  const folder = join(await aFolder(), "encoder");
  await writeTinyEncoder(folder, { dimension: 64, ...options });
  return {
    model,
    provider: "cpu",
    open: () => createOnnxEncoder({ folder, providers: ["cpu"], workers: 1, threads: 1 }),
  };
}

async function options(others: readonly ModelAtWork[], changes: Partial<VerifyOptions> = {}): Promise<VerifyOptions> {
  return {
    manifest: { preprocess: "clip-exact-224", output: { name: "embedding", dimension: 64, normalized: true } },
    reference: await aModel("fp32"),
    others,
    pictures,
    thresholds: defaultThresholds,
    workers: 2,
    signal: new AbortController().signal,
    ...changes,
  };
}

describe("models are held against the reference on pictures", () => {
  test("the same one passes, one a little off passes, one far off fails", async () => {
    const others = [
      await aModel("same"),
      await aModel("near", { weightNoise: 0.001 }),
      await aModel("far", { weightNoise: 0.9 }),
    ];
    const seen: number[] = [];
    const settings = await options(others, { progress: ({ done, total }) => seen.push(done / total) });
    const { models, skipped, pictures: count } = await verifyModels(settings);
    expect({ skipped, count }).toEqual({ skipped: [], count: pictures.length });
    expect(models.map(({ model, outcome }) => [model, outcome])).toEqual([
      ["same", "passed"],
      ["near", "passed"],
      ["far", "failed"],
    ]);
    expect(models[0]).toMatchObject({
      gate: { cosine: { min: 1, p1: 1, median: 1 }, voteAgreement: 1, topTenOverlap: 1 },
    });
    expect(seen.length).toBe(4 * pictures.length);
    expect(seen.at(-1)).toBe(1);
  });

  test("pictures that cannot be read are skipped by name, and count for nobody", async () => {
    const broken = { name: "broken.jpg", category: "category 0", read: async () => Uint8Array.of(1, 2, 3) };
    const missing = {
      name: "missing.jpg",
      category: "category 0",
      read: async () => Promise.reject(new Error("cannot be read (ENOENT)")),
    };
    const settings = await options([await aModel("same")], { pictures: [broken, ...pictures, missing] });
    const report = await verifyModels(settings);
    expect(report.skipped).toEqual([
      { path: "broken.jpg", reason: "not a readable picture" },
      { path: "missing.jpg", reason: "cannot be read (ENOENT)" },
    ]);
    expect(report.models[0]).toMatchObject({ outcome: "passed", gate: { photos: pictures.length } });
  });

  test("no picture at all proves nothing", async () => {
    const { models } = await verifyModels(await options([await aModel("same")], { pictures: [] }));
    expect(models[0]).toMatchObject({ outcome: "unproven", figures: null });
  });

  test("a model that cannot be opened says why, and the next one is verified all the same", async () => {
    const others = [await aModel("broken", { flaw: "always-nan" }), await aModel("same")];
    const { models } = await verifyModels(await options(others));
    expect(models[0]).toMatchObject({ model: "broken", outcome: "unavailable" });
    expect(models[0]!.reasons).toEqual([expect.stringMatching(/: a start-up picture's embedding is unusable/)]);
    expect(models[1]).toMatchObject({ outcome: "passed" });
  });

  test("a picture that only the other model has no embedding of counts against it", async () => {
    const black = { name: "black.png", category: "category 0", read: () => blackPicture() };
    const settings = await options([await aModel("blind to black", { flaw: "nan-on-black" })], {
      pictures: [black, ...pictures],
      // Without a center and a bias the other's embeddings are not the reference's; what counts here is the count.
      reference: await aModel("sound", { flaw: "none" }),
    });
    const { models, pictures: count } = await verifyModels(settings);
    expect(count).toBe(pictures.length + 1);
    expect(models[0]).toMatchObject({ outcome: "failed", gate: { photos: pictures.length + 1 } });
  });

  test("an interruption ends it and every thread", async () => {
    const interruption = new AbortController();
    const settings = await options([await aModel("same")], {
      signal: interruption.signal,
      progress: ({ done }) => done === 20 && interruption.abort(new Error("interrupted")),
    });
    await expect(verifyModels(settings)).rejects.toThrow("interrupted");
  });
});

async function blackPicture(): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  return sharp({ create: { width: 64, height: 64, channels: 3, background: "#000" } })
    .png()
    .toBuffer();
}
