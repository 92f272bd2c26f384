import { createRequire } from "node:module";
import type { FaissAddon } from "../../native/faiss/addon.js";
import { searchCodes } from "./exercise-codes.js";
import { readDamagedFiles } from "./exercise-files.js";
import { addWhileSearching, aFlatIndex, askEveryShape, dropWhileSearching, someNumbers } from "./exercise-queries.js";
import { refuseEverythingWrong } from "./exercise-refusals.js";
import { useManyThreads } from "./exercise-threads.js";

// Everything the addon can be asked, right and wrong: `exercise.js <addon> [part]`. Run as it is and under the address
// sanitizer. Ends with the exit code 0 and the line "done", and with searches still running.
const [path, only] = process.argv.slice(2);
if (path === undefined) throw new Error("which addon?");
const addon: FaissAddon = createRequire(import.meta.url)(path);

const parts: Readonly<Record<string, () => Promise<void>>> = {
  shapes: () => askEveryShape(addon),
  additions: () => addWhileSearching(addon),
  drops: () => dropWhileSearching(addon),
  refusals: () => refuseEverythingWrong(addon),
  codes: () => searchCodes(addon),
  files: () => readDamagedFiles(addon, 500),
  threads: () => useManyThreads(path, 24),
};
for (const [name, part] of Object.entries(parts)) {
  if (only !== undefined && only !== name) continue;
  await part();
  console.log(`${name}: well`);
}

console.log("done");
const index = aFlatIndex(addon, 5000, 256);
for (let i = 0; i < 20; i++) void index.search(someNumbers(256), 10);
process.exit(0);
