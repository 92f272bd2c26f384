/** Bits of one element, by the names that safetensors uses. Those of `readableTypes` can be read, the others only listed. */
export const tensorTypeBits = {
  F32: 32,
  F16: 16,
  BF16: 16,
  F64: 64,
  I64: 64,
  U64: 64,
  I32: 32,
  U32: 32,
  I16: 16,
  U16: 16,
  I8: 8,
  U8: 8,
  BOOL: 8,
  C64: 64,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E5M2FNUZ: 8,
  F8_E4M3FNUZ: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
} as const;

export type TensorType = keyof typeof tensorTypeBits;

/** What every value of can be written as a float32. */
const readableTypes = ["F32", "F16", "BF16"] as const;
export type ReadableType = (typeof readableTypes)[number];

export function isReadableType(type: TensorType): type is ReadableType {
  return readableTypes.some((each) => each === type);
}

/** More dimensions than any weight has; a list of thousands is not a shape. */
const maxDimensions = 16;

/** Elements of a tensor, 1 for a scalar; null where the shape is none or the count is beyond exact numbers. */
export function elementCount(shape: readonly unknown[]): number | null {
  if (shape.length > maxDimensions) return null;
  let count = 1n;
  for (const side of shape) {
    if (!Number.isSafeInteger(side) || (side as number) < 0) return null;
    count *= BigInt(side as number);
  }
  // A dimension of 0 does not excuse the others: 2^50 x 2^50 x 0 is no shape anybody means.
  const others = shape.reduce((product: bigint, side) => product * BigInt((side as number) || 1), 1n);
  return others > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(count);
}
