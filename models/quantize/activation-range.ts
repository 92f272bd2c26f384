/** How an 8-bit product reads its input: real = scale * (byte - zeroPoint). */
export type ActivationRange = Readonly<{ scale: number; zeroPoint: number }>;

/** Shares of the whole range that are tried: cutting rare extremes off leaves finer steps for all the others. */
const shares = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3];

/** A range and what rounding to it does to each channel, squared, on average. */
type Tried = Readonly<{ range: ActivationRange; errors: Float64Array; loss: number }>;

/**
 * The range between `min` and `max`, or a share of it, that loses least on the rows when each channel's error counts by
 * its weight: the squared length of the weights that it meets. The upper end is chosen first, then the lower one. One
 * range for every picture and row.
 */
export function chooseActivationRange(
  { min, max }: Readonly<{ min: number; max: number }>,
  rows: readonly Float32Array[],
  channelWeights: Float64Array,
): Pick<Tried, "range" | "errors"> {
  const at = (low: number, high: number): Tried => {
    const range = toRange(min * low, max * high);
    const errors = squaredErrors(rows, range);
    return { range, errors, loss: errors.reduce((sum, error, channel) => sum + error * channelWeights[channel]!, 0) };
  };
  const ofTops = shares.map((high) => ({ high, tried: at(1, high) }));
  const top = ofTops.reduce((best, each) => (each.tried.loss < best.tried.loss ? each : best));
  return shares.slice(1).reduce((best, low) => {
    const tried = at(low, top.high);
    return tried.loss < best.loss ? tried : best;
  }, top.tried);
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
