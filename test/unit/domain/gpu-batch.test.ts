import { describe, expect, it } from "vitest";
import { batchCeiling, countGpus, isOutOfMemory, leastFreeMib } from "../../../src/domain/gpu-batch.js";
import type { GpuDevice } from "../../../src/domain/gpu-stats.js";

const gpu = (id: string, freeMib: number | null): GpuDevice => ({
  ...{ id, name: "GPU", totalMib: 16_000, usedMib: 0, utilization: 0 },
  freeMib,
});
const absent = { available: false, isAbsent: true, reason: "nvidia-smi is not installed" } as const;
const listed = (...devices: readonly GpuDevice[]) => ({ available: true, devices }) as const;

describe("the GPUs", () => {
  it("are those that CUDA counts, and one where nobody can tell", () => {
    expect(countGpus(listed(gpu("0", 1), gpu("1", 1), gpu("2", 1)))).toBe(3);
    expect(countGpus(listed(gpu("0:1", 1), gpu("0:2", 1)))).toBe(1);
    expect(countGpus(listed())).toBe(1);
    expect(countGpus(absent)).toBe(1);
  });

  it("have the free memory of the fullest, within the operator's limit", () => {
    const two = listed(gpu("0", 9000), gpu("1", 3000));
    expect([leastFreeMib(two, null), leastFreeMib(two, 1000), leastFreeMib(two, 5000)]).toEqual([3000, 1000, 3000]);
    expect(leastFreeMib(listed(gpu("0", null)), 1000)).toBeNull();
    expect(leastFreeMib(listed(), null)).toBeNull();
    expect(leastFreeMib(absent, null)).toBeNull();
  });
});

describe("the batch ceiling", () => {
  it.each([
    [0, 224, 1],
    [70, 224, 1],
    [147, 224, 2],
    [1024, 224, 13],
    [16_000, 224, 217],
    [16_000, 448, 54],
  ])("with %d MiB free and a side of %d is %d", (freeMib, side, ceiling) => {
    expect(batchCeiling(freeMib, side)).toBe(ceiling);
  });
});

describe("an error of a run", () => {
  // As users have reported them: microsoft/onnxruntime issues 16307, 9939, 16512; CUDA's and TensorRT's own words.
  it.each([
    "Non-zero status code returned while running ReduceSum node. onnxruntime::BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 939524096",
    "bfc_arena.cc:368 Available memory of 1048576 is smaller than requested bytes of 8388608000",
    "CUDA failure 2: out of memory ; GPU=0 ; hostname=node ; expr=cudaMalloc((void**)&p, size);",
    "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&cublas_handle_);",
    "CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED",
    "cudaErrorMemoryAllocation",
    "Error Code 2: OutOfMemory (Requested size was 1073741824 bytes.)",
    "std::bad_alloc",
  ])("is one of memory: %s", (reason) => {
    expect(isOutOfMemory(reason)).toBe(true);
  });

  it.each([
    "Non-zero status code returned while running Gather node. indices element out of data bounds, idx=1",
    "CUDA failure 700: an illegal memory access was encountered",
    "CUDA failure 719: unspecified launch failure",
    "CUBLAS_STATUS_EXECUTION_FAILED",
    "device lost",
  ])("is not one of memory: %s", (reason) => {
    expect(isOutOfMemory(reason)).toBe(false);
  });
});
