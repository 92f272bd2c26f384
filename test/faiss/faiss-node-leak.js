// Shows what faiss-node loses, where it installs (its install script fetches a binary or compiles FAISS with CMake):
//   npm install --no-save --ignore-scripts=false faiss-node@0.5.1 && node --expose-gc test/faiss/faiss-node-leak.js
// The same searches as measure-memory.ts: 200,000 of 512 values over 64 rows. Prints resident memory in MB as JSON.
import { createRequire } from "node:module";

const searches = 200_000;
const dimension = 512;

/** A repeatable array; faiss-node takes no Float32Array. */
function someNumbers(count, seed) {
  return Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233));
}

function residentMegabytes() {
  globalThis.gc?.();
  return Math.round(process.memoryUsage.rss() / 1e5) / 10;
}

function load() {
  try {
    return createRequire(import.meta.url)("faiss-node");
  } catch {
    console.log("skipped: faiss-node is not installed");
    process.exit(0);
  }
}

const { IndexFlatIP } = load();
const index = new IndexFlatIP(dimension);
index.add(someNumbers(64 * dimension, 1));
const query = someNumbers(dimension, 2);

for (let i = 0; i < 20_000; i++) index.search(query, 10);
const warm = residentMegabytes();
const samples = [];
for (let part = 0; part < 10; part++) {
  for (let i = 0; i < searches / 10; i++) index.search(query, 10);
  samples.push(residentMegabytes());
}
console.log(JSON.stringify({ searches, warm, searched: samples.at(-1), samples }));
