/** What lies between the layers for one picture, over its float32 input: 4 for ViT-B/32, 40 for ViT-L/14 at 336. */
const activationsPerInput = 64;
/** The arena grows by powers of two, and others may want some of it: half of what is free is not ours to plan with. */
const plannedShare = 0.5;

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
