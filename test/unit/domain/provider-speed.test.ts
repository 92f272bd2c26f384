import { describe, expect, it } from "vitest";
import { doubtOfSpeed } from "../../../src/domain/provider-speed.js";

describe("a session on the GPU", () => {
  it.each([
    [2, 55],
    [38, 55],
    [0.7, 1],
  ])("is believed when it took %d ms and the CPU %d", (gpuMs, cpuMs) => {
    expect(doubtOfSpeed({ gpuMs, cpuMs })).toBeNull();
  });

  it.each([
    [52, 55, "it probably ran on the CPU: 52 ms against 55 ms there"],
    [39, 55, "it probably ran on the CPU: 39 ms against 55 ms there"],
    [0.81, 0.2, "it probably ran on the CPU: 0.81 ms against 0.20 ms there"],
    [Number.NaN, 55, "it probably ran on the CPU: NaN ms against 55 ms there"],
  ])("is doubted when it took %d ms and the CPU %d", (gpuMs, cpuMs, doubt) => {
    expect(doubtOfSpeed({ gpuMs, cpuMs })).toBe(doubt);
  });
});
