import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{unit,property,golden,contract,integration}/**/*.test.ts"],
    // Ten times what the slowest test takes on a free machine: a busy one is not a failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
