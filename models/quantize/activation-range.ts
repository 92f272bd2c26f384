/** How an 8-bit product reads its input: real = scale * (byte - zeroPoint). */
export type ActivationRange = Readonly<{ scale: number; zeroPoint: number }>;

/** The range of bytes over [min, max], which always holds 0, so that zeros stay zeros. */
export function toRange(min: number, max: number): ActivationRange {
  const [least, most] = [Math.min(0, min), Math.max(0, max)];
  const scale = (most - least) / 255 || 1;
  return { scale, zeroPoint: Math.max(0, Math.min(255, Math.round(-least / scale))) };
}

/** Mean squared error of each channel when the rows pass through bytes. */
export function squaredErrors(rows: readonly Float32Array[], { scale, zeroPoint }: ActivationRange): Float64Array {
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
