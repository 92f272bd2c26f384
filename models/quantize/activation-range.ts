/** How an 8-bit product reads its input: real = scale * (byte - zeroPoint). */
export type ActivationRange = Readonly<{ scale: number; zeroPoint: number }>;

/** Shares of the whole range that are tried: cutting rare extremes off leaves finer steps for all the others. */
const shares = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3];

/**
 * The range between `min` and `max`, or a share of it, that loses least on the rows when each channel's error counts by
 * its weight: the squared length of the weights that it meets. One range for every picture and row.
 */
export function chooseActivationRange(
  bounds: Readonly<{ min: number; max: number }>,
  rows: readonly Float32Array[],
  channelWeights: Float64Array,
): Readonly<{ range: ActivationRange; errors: Float64Array }> {
  let best: Readonly<{ range: ActivationRange; errors: Float64Array; loss: number }> | null = null;
  for (const share of shares) {
    const range = toRange(bounds.min * share, bounds.max * share);
    const errors = squaredErrors(rows, range);
    const loss = errors.reduce((sum, error, channel) => sum + error * channelWeights[channel]!, 0);
    if (best === null || loss < best.loss) best = { range, errors, loss };
  }
  return best!;
}

/** The range of bytes over [min, max], which always holds 0, so that zeros stay zeros. */
export function toRange(min: number, max: number): ActivationRange {
  const [least, most] = [Math.min(0, min), Math.max(0, max)];
  const scale = roundUp((most - least) / 255) || 1;
  return { scale, zeroPoint: Math.max(0, Math.min(255, Math.round(-least / scale))) };
}

/** Six bits of mantissa, up: what another machine's last digits of a sum would change vanishes. */
function roundUp(scale: number): number {
  if (scale <= 0) return 0;
  const step = 2 ** (Math.floor(Math.log2(scale)) - 6);
  return Math.fround(Math.ceil(scale / step) * step);
}

/** Mean squared error of each channel when the rows pass through bytes. */
function squaredErrors(rows: readonly Float32Array[], { scale, zeroPoint }: ActivationRange): Float64Array {
  const errors = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) {
    for (let channel = 0; channel < row.length; channel++) {
      const byte = Math.max(0, Math.min(255, Math.round(row[channel]! / scale) + zeroPoint));
      const error = row[channel]! - scale * (byte - zeroPoint);
      errors[channel]! += (error * error) / rows.length;
    }
  }
  return errors;
}
