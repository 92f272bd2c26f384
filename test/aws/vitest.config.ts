import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Apart from `npm test`: these need a Python package of 300 MB, an AWS that somebody else has written.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/aws/**/*.test.ts"],
    globalSetup: ["test/aws/moto-server.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
