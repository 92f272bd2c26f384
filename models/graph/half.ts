const bits = new Uint32Array(1);
const value = new Float32Array(bits.buffer);

/**
 * The bits of the half-precision number (IEEE 754-2008, binary16) nearest to a float32, ties to even; beyond 65,504
 * it is infinite.
 */
export function toHalfBits(number: number): number {
  value[0] = number;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65,520 and above round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // Normal: re-bias the exponent from 127 to 15, then round the 13 bits that fall away.
    const rebiased = magnitude - 0x38000000;
    return sign | roundAway(rebiased, 13);
  }
  // Below 2^-25 nothing remains, and 2^-25 itself is a tie with zero.
  if (magnitude <= 0x33000000) return sign;
  // Subnormal: the implicit one becomes visible, and more bits fall away.
  const exponent = magnitude >>> 23;
  return sign | roundAway((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

/** `number` without its last `count` bits, rounded to nearest, ties to even. */
function roundAway(number: number, count: number): number {
  const kept = number >>> count;
  const rest = number & ((1 << count) - 1);
  const half = 1 << (count - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** Float32 numbers [n] as half-precision bits [n]. @throws RangeError for a finite number that half precision cannot hold */
export function toHalves(numbers: Float32Array): Uint16Array {
  const halves = new Uint16Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const half = toHalfBits(numbers[i]!);
    if ((half & 0x7c00) === 0x7c00 && Number.isFinite(numbers[i]!)) {
      throw new RangeError(`${numbers[i]} is beyond half precision`);
    }
    halves[i] = half;
  }
  return halves;
}
