/** The bits of the float32 that equals a half-precision number (IEEE 754-2008, binary16); a NaN keeps its payload. */
export function float32BitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  // Exponents are biased by 15 there and by 127 here.
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A subnormal is fraction * 2^-24: its highest bit becomes the implicit one.
  const highest = 31 - Math.clz32(fraction);
  return (sign | ((highest + 103) << 23) | ((fraction << (23 - highest)) & 0x7fffff)) >>> 0;
}

/** The bits of the float32 that equals a bfloat16: its upper half. */
export function float32BitsOfBfloat16(half: number): number {
  return (half << 16) >>> 0;
}

/**
 * Turns n 16-bit numbers, which lie in the second half of the buffer of `values` [n], into n float32 there. From the
 * front, so that no number is overwritten before it is read: the i-th ends at byte 4i + 4, the next begins at 2n + 2i + 2.
 */
export function widenInPlace(values: Float32Array<ArrayBuffer>, dtype: "F16" | "BF16"): void {
  const count = values.length;
  const bits = new Uint32Array(values.buffer);
  const halves = new Uint16Array(values.buffer, 2 * count, count);
  const widen = dtype === "F16" ? float32BitsOfHalf : float32BitsOfBfloat16;
  for (let index = 0; index < count; index++) bits[index] = widen(halves[index]!);
}
