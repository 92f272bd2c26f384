import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelInput } from "../../src/domain/clip-input.js";
import { dotProduct } from "../../src/domain/embedding.js";
import type { EncodeBatch } from "../../src/pipeline.js";

export type ContractEncoder = Readonly<{ encode: EncodeBatch; dimension: number; close: () => Promise<void> }>;

const side = 224;

/** A picture that no other seed makes: stripes of its own width over a ramp of its own color. */
export function anInput(seed: number): ModelInput {
  const data = new Uint8Array(side * side * 3);
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / 3);
    const stripe = ((pixel % side) * (seed + 1)) >> 5;
    data[at] = (stripe * 67 + (at % 3) * seed * 41 + Math.floor(pixel / side)) % 256;
  }
  return { side, data };
}

/** What every `EncodeBatch` must do, whoever implements it. `make` gives a fresh one. */
export function encoderContract(name: string, make: () => Promise<ContractEncoder>): void {
  describe(`${name}, as an encoder,`, () => {
    let encoder: ContractEncoder;
    beforeAll(async () => {
      encoder = await make();
    });
    afterAll(() => encoder.close());
    const encodeOne = async (seed: number) => (await encoder.encode([anInput(seed)]))[0]!;

    it("gives nothing for nothing", async () => {
      expect(await encoder.encode([])).toEqual([]);
    });

    it("gives as many embeddings as inputs, each finite and of length 1", async () => {
      const embeddings = await encoder.encode([anInput(1), anInput(2), anInput(3)]);
      expect(embeddings.map((embedding) => embedding.length)).toEqual(Array(3).fill(encoder.dimension));
      for (const embedding of embeddings) expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);
    });

    it("gives each picture of a batch what it gives the picture alone, in order", async () => {
      const seeds = [5, 1, 4, 1, 3];
      const embeddings = await encoder.encode(seeds.map(anInput));
      for (const [i, seed] of seeds.entries()) {
        expect(dotProduct(embeddings[i]!, await encodeOne(seed))).toBeGreaterThan(0.9999);
      }
    });

    it("tells different pictures apart", async () => {
      const [first, second] = await encoder.encode([anInput(1), anInput(2)]);
      expect(dotProduct(first!, second!)).toBeLessThan(0.999);
    });

    it("leaves the caller's pixels as they were", async () => {
      const input = anInput(6);
      await encoder.encode([input, input]);
      expect(Buffer.compare(input.data, anInput(6).data)).toBe(0);
    });

    it("answers a hundred callers at once, each with its own", async () => {
      const alone = await Promise.all([0, 1, 2, 3, 4].map(encodeOne));
      const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => encodeOne(i % 5)));
      for (const [i, answer] of answers.entries()) expect(dotProduct(answer, alone[i % 5]!)).toBeGreaterThan(0.9999);
    });

    it("finishes what runs when it is closed, refuses new work, and may be closed twice", async () => {
      const other = await make();
      const running = other.encode([anInput(1)]);
      const closing = other.close();
      await expect(other.encode([anInput(2)])).rejects.toMatchObject({ code: "shutting_down" });
      expect(await running).toHaveLength(1);
      await closing;
      await other.close();
    });
  });
}
