import { createRequire } from "node:module";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FaissAddon } from "../../native/faiss/addon.js";
import { aFlatIndex, someNumbers } from "./exercise-queries.js";

// `measure-memory.js <addon> <searches>`: resident memory in MB before and after, as JSON. Run with --expose-gc.
const [path, searches] = process.argv.slice(2);
if (path === undefined) throw new Error("which addon?");
const addon: FaissAddon = createRequire(import.meta.url)(path);
const total = Number(searches);
// A query as wide as CLIP's: a binding that loses each one loses 2 KB a search, 400 MB in all.
const dimension = 512;
const index = aFlatIndex(addon, 64, dimension);
const query = someNumbers(dimension, 2);

async function ask(count: number): Promise<void> {
  for (let done = 0; done < count; done += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? index.search(query, 10) : index.similarities(query))),
    );
  }
}

/** Indexes made, used and dropped without a word, as a program that forgets to close them does. */
async function forgetIndexes(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await aFlatIndex(addon, 2000, dimension).search(query, 1);
}

async function residentMegabytes(): Promise<number> {
  // What the collector found is freed a turn later, and what only that held a collection later.
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await nextTurn();
  }
  return Math.round(process.memoryUsage.rss() / 1e5) / 10;
}

await ask(20_000);
const warm = await residentMegabytes();
const samples: number[] = [];
for (let part = 0; part < 10; part++) {
  await ask(total / 10);
  samples.push(await residentMegabytes());
}
const searched = samples.at(-1)!;
// 4 MB each.
await forgetIndexes(100);
console.log(JSON.stringify({ searches: total, warm, searched, samples, forgotten: await residentMegabytes() }));
