/** Bits of a quantized weight. Seven keep the sum of two u8 x s8 products inside 16 bits, where older CPUs saturate. */
export type WeightBits = 7 | 8;

/** Weights as signed bytes: [in, out] row-major, and one scale for each of the `out` columns. */
export type QuantizedWeights = Readonly<{ values: Int8Array; scales: Float32Array }>;

/** The largest magnitude of a quantized weight; symmetric, so that the zero point is 0. */
const largestWeight = (bits: WeightBits) => 2 ** (bits - 1) - 1;

/**
 * A linear layer's weights [out, in], symmetric and per output channel, turned to the [in, out] that a product of
 * rows takes. A channel of zeros gets scale 1.
 */
export function quantizeWeights(weights: Float32Array, outputs: number, bits: WeightBits): QuantizedWeights {
  const inputs = weights.length / outputs;
  const largest = largestWeight(bits);
  const scales = new Float32Array(outputs);
  const values = new Int8Array(weights.length);
  for (let output = 0; output < outputs; output++) {
    const row = weights.subarray(output * inputs, (output + 1) * inputs);
    let magnitude = 0;
    for (let input = 0; input < inputs; input++) magnitude = Math.max(magnitude, Math.abs(row[input]!));
    const scale = Math.fround(magnitude / largest) || 1;
    scales[output] = scale;
    for (let input = 0; input < inputs; input++) {
      const value = Math.round(row[input]! / scale);
      values[input * outputs + output] = Math.max(-largest, Math.min(largest, value));
    }
  }
  return { values, scales };
}

/** Rows and columns that are turned together: both sides of a tile stay in the processor's cache. */
const tile = 32;

/** [out, in] to [in, out]. */
export function transpose(values: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const columns = values.length / rows;
  const turned = new Float32Array(values.length);
  for (let top = 0; top < rows; top += tile) {
    for (let left = 0; left < columns; left += tile) {
      for (let row = top; row < Math.min(rows, top + tile); row++) {
        for (let column = left; column < Math.min(columns, left + tile); column++) {
          turned[column * rows + row] = values[row * columns + column]!;
        }
      }
    }
  }
  return turned;
}
