import { describe, expect, it } from "vitest";
import { estimateVramMib, excessOfVram, gpuSetting } from "../../../src/domain/gpu-limits.js";

const mib = 2 ** 20;

describe("a GPU", () => {
  it("takes as many sessions as there may be runs at once", () => {
    expect(gpuSetting("auto", { jobs: 2, vramMib: null })).toEqual({ workers: 2, threads: 1 });
    expect(gpuSetting(4, { jobs: 1, vramMib: null })).toEqual({ workers: 1, threads: 4 });
  });

  it("needs room for CUDA once, and for the weights of each session", () => {
    const one = estimateVramMib(336 * mib, { workers: 1, threads: 1 });
    const two = estimateVramMib(336 * mib, { workers: 2, threads: 1 });
    expect(one).toBe(512 + 672 + 256);
    expect(two - one).toBe(672 + 256);
  });

  it("is refused where the sessions do not fit, to the last MB", () => {
    const setting = { workers: 2, threads: 1 };
    const needed = estimateVramMib(336 * mib, setting);
    expect(excessOfVram(336 * mib, setting, { jobs: 2, vramMib: needed })).toBeNull();
    expect(excessOfVram(336 * mib, setting, { jobs: 2, vramMib: null })).toBeNull();
    expect(excessOfVram(336 * mib, setting, { jobs: 2, vramMib: needed - 1 })).toBe(
      `2 sessions of it take about ${needed} MB of GPU memory, and GPU_VRAM_LIMIT is ${needed - 1}`,
    );
  });
});
