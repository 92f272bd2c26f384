/** The value below which a share of all lies, between its neighbors where it falls between them. `share` in [0, 1]. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("no values, no quantile");
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share is within 0 and 1, and ${share} is not`);
  const sorted = [...values].sort((left, right) => left - right);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Four significant digits: more than any run can tell apart. */
export function shown(value: number): number {
  return Number(value.toPrecision(4));
}
