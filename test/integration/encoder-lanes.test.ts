import { expect, it } from "vitest";
import { dotProduct, type Embedding } from "../../src/domain/embedding.js";
import { type BatchReport, createBatcher } from "../../src/serving/batcher.js";
import { now } from "../../src/serving/clock.js";
import { aFolder } from "../support/a-folder.js";
import { openServingEncoder } from "../support/compiled-serving-encoder.js";
import { anInput } from "../support/encoder-contract.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

it("two sessions work side by side on batches, and every picture gets its own embedding", async () => {
  const folder = await aFolder();
  await writeTinyEncoder(folder);
  const failures: unknown[] = [];
  const encoder = await openServingEncoder({
    ...{ folder, providers: ["cpu"], workers: 2, threads: 1, policy: "next" },
    reportFailure: (failure) => failures.push(failure),
  });
  try {
    expect([encoder.workers(), encoder.sharesRuns(), encoder.batchCeiling()]).toEqual([
      2,
      true,
      Number.POSITIVE_INFINITY,
    ]);
    const reports: BatchReport[] = [];
    let [running, most] = [0, 0];
    const batcher = createBatcher<number, Embedding>({
      run: async (seeds) => {
        most = Math.max(most, ++running);
        const encoded = await encoder.encodeAll(seeds.map(anInput));
        running--;
        return encoded.map((each) => ({ value: each as Embedding }));
      },
      ...{ maxBatch: () => 4, lanes: encoder.workers, now, report: (batch) => reports.push(batch) },
    });
    const seeds = Array.from({ length: 30 }, (_, seed) => seed);
    const found = await Promise.all(seeds.map((seed) => batcher.submit(seed, new AbortController().signal)));
    expect(most).toBe(2);
    expect(reports.reduce((sum, { size }) => sum + size, 0)).toBe(30);
    expect(Math.max(...reports.map(({ size }) => size))).toBe(4);
    for (const seed of seeds) {
      const [alone] = await encoder.encodeAll([anInput(seed)]);
      expect(dotProduct(found[seed]!, alone as Embedding)).toBeGreaterThan(0.9999);
    }
    expect(failures).toEqual([]);
  } finally {
    await encoder.close();
  }
});
