import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OnnxEncoder } from "../../src/adapters/onnx-encoder.js";
import { createOnnxEncoder } from "../support/compiled-encoder.js";
import { anInput, encoderContract } from "../support/encoder-contract.js";

const folder = fileURLToPath(new URL("../../models/lite", import.meta.url));
const openLite = () => createOnnxEncoder({ folder, providers: ["cpu"], workers: 1, threads: 1 });

encoderContract("the lite encoder", async () => {
  const { encode, close, manifest } = await openLite();
  return { encode, close, dimension: manifest.output.dimension };
});

describe("the lite encoder that ships", () => {
  let encoder: OnnxEncoder;
  beforeAll(async () => {
    encoder = await openLite();
  });
  afterAll(() => encoder.close());

  it("passes its own probe with room to spare", () => {
    const cosine = expect.closeTo(1, 2);
    expect(encoder.rungs).toEqual([{ provider: "cpu", model: "fp32", outcome: "chosen", cosine }]);
  });

  it("takes the exact preprocess and normalizes in its graph", () => {
    expect(encoder.manifest).toMatchObject({ preprocess: "clip-exact-224", output: { normalized: true } });
  });

  it("gives embeddings of length 1", async () => {
    const [embedding] = await encoder.encode([anInput(1)]);
    expect(Math.hypot(...embedding!)).toBeCloseTo(1, 4);
  });
});
