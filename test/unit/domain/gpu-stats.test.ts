import { describe, expect, it } from "vitest";
import { type GpuDevice, sumGpuMemory } from "../../../src/domain/gpu-stats.js";

const device: GpuDevice = { id: "0", name: "GPU", totalMib: 8192, usedMib: 4500, freeMib: 3192, utilization: 0.5 };

describe("the memory of all GPUs", () => {
  it("is allocated, reserved and in total, each including the one before", () => {
    const sum = sumGpuMemory({ available: true, devices: [device, { ...device, usedMib: 0, freeMib: 8000 }] });
    expect(sum).toEqual({ allocatedMib: 4500, reservedMib: 5192, totalMib: 16384 });
  });

  it("is unknown as far as one device's is", () => {
    const sum = sumGpuMemory({ available: true, devices: [device, { ...device, freeMib: null }] });
    expect(sum).toEqual({ allocatedMib: 9000, reservedMib: null, totalMib: 16384 });
  });

  it("is nothing where there are none, and unknown where nobody can tell", () => {
    const reason = "why";
    expect(sumGpuMemory({ available: false, isAbsent: true, reason }).totalMib).toBe(0);
    expect(sumGpuMemory({ available: false, isAbsent: false, reason }).totalMib).toBeNull();
  });
});
