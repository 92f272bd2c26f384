/**
 * A number in whole ten-thousandths: `round(value, 4)` of CPython times 10,000, exactly.
 * CPython rounds the exact binary value, halves to even. Exact halves at four decimals are the odd multiples of
 * 1/32; everywhere else `toFixed` is exact too, so only those need their own branch.
 * @throws RangeError when the value is not finite or too large to have four decimals.
 */
export function toPoints(value: number): number {
  const scaled = value * 10_000;
  const below = Math.floor(scaled);
  // The multiplication moves a value this small by less than 1e-11, so away from a half the nearest whole number is right; the zero added makes a -0 plain.
  // Rankings come here for every item of a catalog, and the text form takes ten times as long.
  if (Math.abs(value) <= 10 && Math.abs(scaled - below - 0.5) > 1e-9)
    return (scaled - below < 0.5 ? below : below + 1) + 0;
  return toPointsByText(value);
}

function toPointsByText(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) > 1e11) throw new RangeError(`cannot round ${value} to four decimals`);
  if (isOddMultipleOf32nd(value)) {
    const below = Math.floor(value * 10_000);
    return below % 2 === 0 ? below : below + 1;
  }
  const points = Math.round(Number(value.toFixed(4)) * 10_000);
  return points === 0 ? 0 : points;
}

/** Ten-thousandths back to the double nearest their decimal value. */
export function fromPoints(points: number): number {
  return points / 10_000;
}

function isOddMultipleOf32nd(value: number): boolean {
  const thirtySeconds = value * 32;
  return Number.isInteger(thirtySeconds) && thirtySeconds % 2 !== 0;
}
