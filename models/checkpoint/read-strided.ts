import type { CheckpointFile } from "./checkpoint-file.js";
import { readFloats, requireReadable } from "./read-floats.js";
import { elementCount, tensorTypeBits } from "./tensor-type.js";
import type { TorchTensor } from "./torch-globals.js";

/** A view may repeat its storage (`expand`); beyond this a small file would ask for memory that it does not hold. */
const maxRepeatedElements = 2 ** 24;

/**
 * The values of a view in row-major order. Only the part of the storage that the view spans is read; where the view is
 * that part as it lies, nothing is copied. @throws Error with one line that begins with `where`.
 */
export async function readStrided(
  file: CheckpointFile,
  storageStart: number,
  tensor: TorchTensor,
  where: string,
): Promise<Float32Array<ArrayBuffer>> {
  const { storage, offset, shape, strides } = tensor;
  const count = elementCount(shape) as number;
  const span = count === 0 ? 0 : 1 + shape.reduce((sum, side, index) => sum + (side - 1) * strides[index]!, 0);
  const { dtype } = storage;
  requireReadable(where, dtype, Math.max(count, span));
  if (count > span && count > maxRepeatedElements) {
    throw new Error(`${where} repeats ${span} elements to ${count}; at most ${maxRepeatedElements} are made that way`);
  }
  const start = storageStart + (offset * tensorTypeBits[dtype]) / 8;
  const spanned = await readFloats(file, start, span, dtype);
  return isRowMajor(shape, strides) ? spanned : gather(spanned, count, shape, strides);
}

/** Strides of dimensions of size 1 are never taken, and PyTorch writes anything there. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
    const side = shape[dimension]!;
    if (side !== 1 && strides[dimension] !== expected) return side === 0;
    expected *= side;
  }
  return true;
}

function gather(
  from: Float32Array,
  count: number,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  const position = shape.map(() => 0);
  let at = 0;
  for (let index = 0; index < count; index++) {
    values[index] = from[at]!;
    // The last dimension turns fastest, and carries into the one before it.
    for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
      at += strides[dimension]!;
      position[dimension]! += 1;
      if (position[dimension]! < shape[dimension]!) break;
      at -= position[dimension]! * strides[dimension]!;
      position[dimension] = 0;
    }
  }
  return values;
}
