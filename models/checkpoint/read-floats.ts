import type { CheckpointFile } from "./checkpoint-file.js";
import { widenInPlace } from "./half-float.js";
import { isReadableType, type ReadableType, type TensorType } from "./tensor-type.js";

/** 2 GiB as float32: twice the largest word table of any published CLIP. */
const maxReadElements = 2 ** 29;

/** @throws Error with one line, for a tensor whose values cannot be given as float32. */
export function requireReadable(where: string, dtype: TensorType, elements: number): asserts dtype is ReadableType {
  if (!isReadableType(dtype)) throw new Error(`${where} is ${dtype}; only F32, F16 and BF16 are read`);
  if (elements > maxReadElements)
    throw new Error(`${where} has ${elements} elements; at most ${maxReadElements} are read`);
}

/**
 * `count` little-endian values from `position` of the file, as float32 in a buffer of their own; nothing else is
 * allocated. Exact: both 16-bit formats are subsets of float32.
 */
export async function readFloats(
  file: CheckpointFile,
  position: number,
  count: number,
  dtype: ReadableType,
): Promise<Float32Array<ArrayBuffer>> {
  const values = new Float32Array(count);
  if (dtype === "F32") {
    await file.readInto(new Uint8Array(values.buffer), position);
    return values;
  }
  // Into the back half of the result, which widening then fills from the front.
  await file.readInto(new Uint8Array(values.buffer, 2 * count), position);
  widenInPlace(values, dtype);
  return values;
}
