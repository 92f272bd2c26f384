import type { GpuDevice, GpuStats } from "./gpu-stats.js";

/** What lies between the layers for one picture, over its float32 input: 4 for ViT-B/32, 40 for ViT-L/14 at 336. */
const activationsPerInput = 64;
/** The arena grows by powers of two, and others may want some of it: half of what is free is not ours to plan with. */
const plannedShare = 0.5;

/** The whole GPUs that CUDA counts: of a partitioned one a process sees a single slice, whatever there are. */
export function countGpus(stats: GpuStats): number {
  const whole = stats.available ? stats.devices.filter(isWhole) : [];
  return Math.max(1, whole.length);
}

/** The free memory of the fullest device within an operator's limit, in MiB; null when nobody can tell. */
export function leastFreeMib(stats: GpuStats, limitMib: number | null): number | null {
  if (!stats.available || stats.devices.length === 0) return null;
  const free = stats.devices.map(({ freeMib }) => freeMib);
  if (free.some((each) => each === null)) return null;
  return Math.min(limitMib ?? Number.POSITIVE_INFINITY, ...(free as readonly number[]));
}

/** A slice's id names its GPU and itself. */
function isWhole({ id }: GpuDevice): boolean {
  return !id.includes(":");
}

/**
 * How many pictures of a side may share a run in so much free GPU memory; at least 1. An estimate, on the safe side: a
 * run that does not fit after all is halved.
 */
export function batchCeiling(freeMib: number, side: number): number {
  const bytesEach = side * side * 3 * Float32Array.BYTES_PER_ELEMENT * activationsPerInput;
  return Math.max(1, Math.floor((freeMib * plannedShare * 2 ** 20) / bytesEach));
}

/** As ONNX Runtime's arena, CUDA, cuBLAS, cuDNN, TensorRT and C++ put it. */
const outOfMemory =
  /failed to allocate memory|out of memory|smaller than requested bytes|bad_alloc|bad allocation|_ALLOC_FAILED|cudaErrorMemoryAllocation|OutOfMemory/i;

/** Whether a run's error says that there was no room for it: a smaller one may have succeeded. */
export function isOutOfMemory(reason: string): boolean {
  return outOfMemory.test(reason);
}
