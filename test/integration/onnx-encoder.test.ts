import { existsSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import type { OnnxEncoder } from "../../src/adapters/onnx-encoder.js";
import type { LadderOptions } from "../../src/adapters/onnx-encoder-ladder.js";
import type { WorkerLost } from "../../src/adapters/worker-pool.js";
import { dotProduct } from "../../src/domain/embedding.js";
import { aFolder } from "../support/a-folder.js";
import { createOnnxEncoder } from "../support/compiled-encoder.js";
import { anInput, encoderContract } from "../support/encoder-contract.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";
import type { TinyModel } from "../support/tiny-model.js";

const encoders: OnnxEncoder[] = [];
afterEach(async () => {
  await Promise.all(encoders.splice(0).map((encoder) => encoder.close()));
});

async function openFolder(folder: string, options: Partial<LadderOptions> = {}): Promise<OnnxEncoder> {
  const encoder = await createOnnxEncoder({ folder, providers: ["cpu"], workers: 1, threads: 1, ...options });
  encoders.push(encoder);
  return encoder;
}

async function openTiny(model: Partial<TinyModel> = {}, options: Partial<LadderOptions> = {}): Promise<OnnxEncoder> {
  const folder = await aFolder();
  await writeTinyEncoder(folder, model);
  return openFolder(folder, options);
}

/** The threads started from here on, oldest first. */
function watchThreads(): readonly Worker[] {
  const threads: Worker[] = [];
  const note = (worker: Worker) => threads.push(worker);
  process.on("worker", note);
  onTestFinished(() => void process.off("worker", note));
  return threads;
}

/**
 * Makes the newest thread die of an uncaught error: the message is none that it can read. Not `terminate`, which
 * inside ONNX Runtime takes the whole process along.
 */
function crashNewest(threads: readonly Worker[]): Promise<void> {
  const thread = threads.at(-1)!;
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  thread.postMessage(null);
  return ended;
}

/** Where the provider's library lies, the ladder's upper rung would hold. */
const hasCuda = existsSync(
  new URL(
    "../../node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so",
    import.meta.url,
  ),
);

const asContract = async (model: Partial<TinyModel>, workers: number) => {
  const folder = await aFolder();
  const { output } = await writeTinyEncoder(folder, model);
  const { encode, close } = await createOnnxEncoder({ folder, providers: ["cpu"], workers, threads: 1 });
  return { encode, close, dimension: output.dimension };
};

encoderContract("a uint8 graph in two workers", () => asContract({}, 2));
encoderContract("a graph for one picture at a time", () => asContract({ batch: 1 }, 1));
encoderContract("a graph that sees its neighbors", () => asContract({ flaw: "sees-neighbors" }, 1));

describe("an encoder that opens", () => {
  it("says what it is", async () => {
    const encoder = await openTiny({ dimension: 12 }, { workers: 2 });
    expect(encoder).toMatchObject({ provider: "cpu", workers: 2, threads: 1, sharesRuns: true });
    expect(encoder.manifest.output.dimension).toBe(12);
    expect(encoder.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(encoder.alive()).toBe(2);
    const cosine = expect.closeTo(1, 5);
    expect(encoder.rungs).toEqual([{ provider: "cpu", model: "fp32", outcome: "chosen", cosine }]);
  });

  it.each([
    { layout: "nchw", dtype: "float32", mean: [0.48, 0.46, 0.41], std: [0.27, 0.26, 0.28] },
    { layout: "nhwc", dtype: "float32", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    { layout: "nchw", dtype: "uint8" },
    { normalized: false },
  ] as const)("encodes alike through %j", async (model) => {
    const [plain, other] = await Promise.all([openTiny(), openTiny(model)]);
    const inputs = [anInput(1), anInput(2)];
    const [expected, found] = await Promise.all([plain.encode(inputs), other.encode(inputs)]);
    for (const [i, embedding] of expected.entries()) expect(dotProduct(embedding, found[i]!)).toBeGreaterThan(0.999999);
  });

  it("notices that pictures of a batch change each other, and runs them one by one", async () => {
    expect((await openTiny({ flaw: "sees-neighbors" })).sharesRuns).toBe(false);
    expect((await openTiny({ batch: 1 })).sharesRuns).toBe(false);
  });

  it.skipIf(hasCuda)("goes down the ladder when a provider cannot be had, and says why", async () => {
    const { provider, rungs } = await openTiny({}, { providers: ["cuda", "cpu"] });
    expect(provider).toBe("cpu");
    expect(rungs.map((rung) => [rung.provider, rung.outcome])).toEqual([
      ["cuda", "refused"],
      ["cpu", "chosen"],
    ]);
    expect(rungs[0]).toMatchObject({ reason: expect.stringMatching(/^[^\n]*cuda[^\n]*$/i) });
  });

  it("refuses inputs of another side as a bug", async () => {
    const encoder = await openTiny();
    await expect(encoder.encode([{ side: 2, data: new Uint8Array(12) }])).rejects.toThrow(
      "the encoder takes a side of 224, not 2 with 12 bytes",
    );
    expect(await encoder.encode([anInput(1)])).toHaveLength(1);
  });
});

describe("an encoder in trouble", () => {
  it("fails the batch that holds a NaN, and no other", async () => {
    const encoder = await openTiny({ flaw: "nan-on-black" });
    const black = { side: 224, data: new Uint8Array(224 * 224 * 3) };
    const [bad, good] = await Promise.allSettled([encoder.encode([anInput(1), black]), encoder.encode([anInput(1)])]);
    expect(bad).toMatchObject({
      status: "rejected",
      reason: { code: "encoder_failed", details: { reason: "non-finite value" } },
    });
    expect(good.status).toBe("fulfilled");
    expect(encoder.alive()).toBe(1);
  });

  it("fails only the batch whose worker dies, and replaces the worker", async () => {
    const threads = watchThreads();
    const losses: WorkerLost[] = [];
    const encoder = await openTiny({}, { report: (lost) => losses.push(lost) });
    const crash = crashNewest(threads);
    const running = encoder.encode([anInput(1)]);
    const waiting = encoder.encode([anInput(2)]);
    await expect(running).rejects.toMatchObject({ code: "encoder_failed", details: { reason: "worker lost" } });
    await crash;
    expect(await waiting).toHaveLength(1);
    expect(losses).toMatchObject([{ wasBusy: true, restartsLeft: 4 }]);
    expect(encoder.alive()).toBe(1);
  });

  it("is not ready once its workers die faster than they work", async () => {
    const threads = watchThreads();
    const encoder = await openTiny();
    for (let deaths = 0; deaths < 6; deaths++) {
      await encoder.encode([anInput(1)]);
      await crashNewest(threads);
    }
    await expect(encoder.encode([anInput(1)])).rejects.toMatchObject({ code: "not_ready" });
    expect(encoder.alive()).toBe(0);
  });

  it("does not run a model that was changed after the start", async () => {
    const folder = await aFolder();
    await writeTinyEncoder(folder);
    const threads = watchThreads();
    const losses: WorkerLost[] = [];
    const encoder = await openFolder(folder, { report: (lost) => losses.push(lost) });
    await writeTinyEncoder(folder, { dimension: 9 });
    await crashNewest(threads);
    await expect(encoder.encode([anInput(1)])).rejects.toMatchObject({ code: "not_ready" });
    expect(losses.at(-1)?.reason).toMatch(/model.onnx has sha-256 [0-9a-f]{64}, but its manifest says/);
  });
});
