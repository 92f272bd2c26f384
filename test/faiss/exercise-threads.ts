import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { FaissAddon } from "../../native/faiss/addon.js";
import { aFlatIndex, someNumbers } from "./exercise-queries.js";

const rows = 2000;
const dimension = 128;

/**
 * Loads the addon in `count` threads of which every second is ended in the middle of its work; the others must answer
 * rightly. Nothing of a thread may be touched once it has gone.
 */
export async function useManyThreads(addonPath: string, count: number): Promise<void> {
  const expected = await bestRow(addonPath);
  for (let started = 0; started < count; started += 4) {
    const threads = Array.from({ length: 4 }, () => new Worker(new URL(import.meta.url), { workerData: addonPath }));
    await Promise.all(
      threads.map((thread, i) => (i % 2 === 0 ? expectAnswer(thread, expected) : endAtWork(thread, i + started))),
    );
  }
}

async function expectAnswer(thread: Worker, expected: number): Promise<void> {
  const answer = await new Promise((resolve, reject) => {
    thread.on("message", (message) => message !== "working" && resolve(message));
    thread.on("error", reject);
  });
  assert.equal(answer, expected);
  await thread.terminate();
}

async function endAtWork(thread: Worker, variation: number): Promise<void> {
  await new Promise((resolve) => thread.on("message", resolve));
  await new Promise((resolve) => setTimeout(resolve, variation % 7));
  await thread.terminate();
}

async function bestRow(path: string): Promise<number> {
  const addon: FaissAddon = createRequire(import.meta.url)(path);
  const similarities = await aFlatIndex(addon, rows, dimension).similarities(someNumbers(dimension));
  return similarities.indexOf(Math.max(...similarities));
}

async function work(path: string): Promise<void> {
  const addon: FaissAddon = createRequire(import.meta.url)(path);
  const index = aFlatIndex(addon, rows, dimension);
  const query = someNumbers(dimension);
  const file = index.serialize();
  parentPort?.postMessage("working");
  let answer = -1;
  for (let turn = 0; turn < 20; turn++) {
    const pending = Array.from({ length: 10 }, () => [index.search(query, 10), index.similarities(query)] as const);
    addon.deserializeIndex(file);
    for (const [found, similarities] of pending) {
      answer = (await found).rows[0]!;
      await similarities;
    }
  }
  parentPort?.postMessage(answer);
}

if (!isMainThread) await work(workerData as string);
