import { describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { createOnnxEncoder } from "../support/compiled-encoder.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

/** A machine with a driver, as far as it says; what it lacks, its sessions find out. */
const machine = { sumsBytesExactly: true, nvidiaDriver: "580.95.05" };

async function open(gpu: Readonly<{ jobs: number; vramMib: number | null }>, policy: "next" | "exit" = "next") {
  const folder = await aFolder();
  await writeTinyEncoder(folder);
  return createOnnxEncoder({ folder, providers: ["cuda", "cpu"], workers: 1, threads: 1, machine, gpu, policy });
}

describe("GPU_VRAM_LIMIT", () => {
  it("keeps a model that needs more off the GPU, and the next rung serves", async () => {
    const encoder = await open({ jobs: 2, vramMib: 900 });
    expect(encoder.rungs).toMatchObject([
      {
        ...{ provider: "cuda", outcome: "refused" },
        reason: expect.stringMatching(/^2 sessions of it take about \d+ MB of GPU memory, and GPU_VRAM_LIMIT is 900$/),
      },
      { provider: "cpu", outcome: "chosen" },
    ]);
    await encoder.close();
  });

  it("ends the start where no other rung may serve", async () => {
    await expect(open({ jobs: 1, vramMib: 100 }, "exit")).rejects.toThrow(/GPU_VRAM_LIMIT is 100$/);
  });

  it("has nothing to say about a model that fits", async () => {
    const encoder = await open({ jobs: 1, vramMib: 8192 });
    expect(JSON.stringify(encoder.rungs)).not.toContain("GPU_VRAM_LIMIT");
    await encoder.close();
  });
});
