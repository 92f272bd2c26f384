import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Apart from `npm test`: ten thousand requests take a minute. They are sent to the compiled server in dist.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/fuzz/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 1_200_000,
    fileParallelism: false,
  },
});
