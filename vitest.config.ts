import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{unit,property,golden,contract,integration}/**/*.test.ts"],
    // Ten times what the slowest test takes on a free machine: a busy one is not a failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for comes, or never does: a second is too short a while to tell on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    // Whoever asks one and the same server counts what it does: one file at a time.
    fileParallelism: process.env.TARGET_URL === undefined,
  },
});
