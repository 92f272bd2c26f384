import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sitesOf } from "../../models/clip/block.js";
import { smoothWeights } from "../../models/clip/smoothed-weights.js";
import type { VisionConfig } from "../../models/clip/vision-config.js";
import { createEncoderWriter, type EncoderPlan } from "../../models/write-encoder.js";
import { toTensorValues } from "../../src/adapters/onnx-encoder-input.js";
import { openOnnxOutputs } from "../../src/adapters/onnx-outputs.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import { aFolder } from "../support/a-folder.js";
import { createOnnxEncoder } from "../support/compiled-encoder.js";
import { aSmallPlan, smallPictures, smallVision, smallWeights } from "../support/small-vision.js";

const pictures = smallPictures(12);

async function write(changes: Partial<EncoderPlan> = {}) {
  const folder = join(await aFolder(), "encoder");
  await mkdir(folder);
  return { folder, manifest: await createEncoderWriter(folder, aSmallPlan(changes)).write() };
}

/** Each picture's embedding by the first model, of length 1. */
async function embed(changes: Partial<EncoderPlan> = {}): Promise<readonly Float32Array[]> {
  const { folder, manifest } = await write(changes);
  const { input, output, models } = manifest;
  const network = await openOnnxOutputs(join(folder, models[0].file), 1);
  const shape = input.layout === "nhwc" ? [1, input.side, input.side, 3] : [1, 3, input.side, input.side];
  const embeddings: Float32Array[] = [];
  for (const picture of pictures) {
    const outputs = await network.run(toTensorValues(picture, 1, input), shape);
    embeddings.push(toEmbedding(outputs.get(output.name)!));
  }
  await network.close();
  return embeddings;
}

function largestDifference(some: readonly Float32Array[], others: readonly Float32Array[]): number {
  expect(some.length).toBe(others.length);
  return Math.max(...some.flatMap((each, i) => Array.from(each, (value, at) => Math.abs(value - others[i]![at]!))));
}

function smallestCosine(some: readonly Float32Array[], others: readonly Float32Array[]): number {
  return Math.min(...some.map((each, i) => each.reduce((sum, value, at) => sum + value * others[i]![at]!, 0)));
}

/** How far apart two sets of embeddings are on average: 1 less their mean cosine. */
function meanDistance(some: readonly Float32Array[], others: readonly Float32Array[]): number {
  const cosines = some.map((each, i) => each.reduce((sum, value, at) => sum + value * others[i]![at]!, 0));
  return 1 - cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
}

/** Sums in another order differ in their last digits. */
const rounding = 2e-6;

describe("a vision graph", () => {
  const activations: readonly VisionConfig["activation"][] = ["quick_gelu", "gelu"];

  test.each(activations)("means the same in fused and in standard operators, with %s", async (activation) => {
    const weights = smallWeights({ activation });
    const fused = await embed({ weights });
    expect(largestDifference(fused, await embed({ weights, operators: "standard" }))).toBeLessThan(rounding);
  });

  test("means something else with another activation", async () => {
    const difference = largestDifference(await embed(), await embed({ weights: smallWeights({ activation: "gelu" }) }));
    expect(difference).toBeGreaterThan(100 * rounding);
  });

  test("means the same for bytes and for normalized floats", async () => {
    expect(largestDifference(await embed(), await embed({ input: "pixel-values" }))).toBeLessThan(rounding);
  });

  test("is close in half precision", async () => {
    expect(largestDifference(await embed(), await embed({ models: ["fp16"] }))).toBeLessThan(0.005);
  });

  test("is not moved by moving scales, whatever they are", async () => {
    const exact = await embed();
    const scale = fc.double({ min: 0.1, max: 10, noNaN: true });
    const scales = fc.array(scale, { minLength: smallVision.width, maxLength: smallVision.width });
    await fc.assert(
      fc.asyncProperty(scales, async (values) => {
        const sites = sitesOf(smallVision).filter((site) => !site.endsWith("contract"));
        const smoothing = new Map(sites.map((site) => [site, Float32Array.from(values)]));
        const moved = await embed({ weights: smoothWeights(smallWeights(), smoothing) });
        expect(largestDifference(exact, moved)).toBeLessThan(10 * rounding);
      }),
      { numRuns: 10 },
    );
  });

  test("is the same bytes every time", async () => {
    const plan = { models: ["fp32", "fp16", "int8", "int8-7bit"] } as const;
    const [one, other] = [await write(plan), await write(plan)];
    expect(other.manifest).toEqual(one.manifest);
    expect(await readFile(join(other.folder, "encoder.json"))).toEqual(
      await readFile(join(one.folder, "encoder.json")),
    );
  });

  test("refuses weights that half precision cannot hold, by name", async () => {
    const { config, read } = smallWeights();
    const huge = {
      config,
      read: async (name: Parameters<typeof read>[0]) => {
        const values = await read(name);
        return name === "blocks.1.out.bias" ? values.fill(1e6) : values;
      },
    };
    await expect(write({ weights: huge, models: ["fp16"] })).rejects.toThrow(
      "blocks.1.out.bias cannot be written in half precision: 1000000 is beyond half precision",
    );
  });
});

describe("a graph in 8 bits", () => {
  const int8 = { models: ["int8"] } as const;

  test.each([
    ["int8", "uint8"],
    ["int8", "pixel-values"],
    ["int8-7bit", "uint8"],
  ] as const)("is close to full precision: %s of %s", async (model, input) => {
    expect(smallestCosine(await embed({ input }), await embed({ models: [model], input }))).toBeGreaterThan(0.99);
  });

  test("means the same in fused and in standard operators", async () => {
    expect(largestDifference(await embed(int8), await embed({ ...int8, operators: "standard" }))).toBeLessThan(1e-3);
  });

  test("suffers from outliers far less when scales are moved", async () => {
    const weights = smallWeights({}, true);
    const exact = await embed({ weights });
    const distance = async (smooth: boolean) => meanDistance(exact, await embed({ ...int8, weights, smooth }));
    expect(await distance(true)).toBeLessThan((await distance(false)) / 4);
  });

  test("takes its worst inputs back to floats until it is close enough, and says which and why", async () => {
    const weights = smallWeights({}, true);
    const reports: string[] = [];
    const plan = {
      ...int8,
      weights,
      smooth: false,
      minMedianCosine: 0.999,
      report: (line: string) => void reports.push(line),
    };
    const [model] = (await write(plan)).manifest.models;
    const kept = "layersInFp32" in model ? (model.layersInFp32 ?? []) : [];
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThanOrEqual(6);
    expect(kept[0]!.layer).toMatch(/^blocks\.\d\.(attention|out|expand|contract)$/);
    expect(kept[0]!.reason).toMatch(
      /^expected error of its products [\d.]+ %; with more in int8 the median cosine was 0\.\d{4}$/,
    );
    expect(reports.join("\n")).toMatch(new RegExp(`${kept.length} of 12 inputs stay in floats`));
    const exact = await embed({ weights });
    const distance = async (minMedianCosine: number) => meanDistance(exact, await embed({ ...plan, minMedianCosine }));
    expect(await distance(0.999)).toBeLessThan(await distance(0));
  });

  test("gives up at half of its inputs", async () => {
    const [model] = (await write({ ...int8, minMedianCosine: 1.1 })).manifest.models;
    expect("layersInFp32" in model && model.layersInFp32?.length).toBe(6);
  });

  test("cannot be calibrated on nothing", async () => {
    await expect(write({ ...int8, pictures: async function* () {} })).rejects.toThrow("there are none");
  });
});

describe("an encoder in 8 bits", async () => {
  const { folder } = await write({ models: ["fp32", "int8"], minMedianCosine: 0.99 });
  const encoder = await createOnnxEncoder({
    folder,
    providers: ["cpu"],
    precision: "int8",
    workers: 1,
    threads: 2,
  });
  afterAll(() => encoder.close());
  const inputs = pictures.map((data) => ({ side: smallVision.side, data }));
  const alone = await Promise.all(inputs.map(async (input) => (await encoder.encode([input]))[0]!));

  test("gives every picture the same bits alone and in any batch", async () => {
    expect(encoder.sharesRuns).toBe(false);
    const batch = fc.array(fc.nat(inputs.length - 1), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(batch, async (places) => {
        const embeddings = await encoder.encode(places.map((place) => inputs[place]!));
        expect(embeddings.map((each) => [...each])).toEqual(places.map((place) => [...alone[place]!]));
      }),
      { numRuns: 200 },
    );
  });
});
