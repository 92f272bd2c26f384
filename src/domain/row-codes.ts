/**
 * Rows of an index in two bytes a value instead of four, in three planes, of which a search reads the first alone: an
 * eighth of the floats. A value is `scales[row]` times a whole number of 16 bits, `(coarse - 8) * 4096 + middle * 16 + low - 2048`.
 */
export type RowCodes = Readonly<{
  rows: number;
  dimension: number;
  /** Bytes of a row in `coarse`; an odd dimension is filled up with a zero. */
  half: number;
  /** [rows * half]: the first half of a row's values in the low four bits, the second in the high ones. */
  coarse: Uint8Array;
  /** [rows * 2 * half], a byte a value. */
  middle: Uint8Array;
  /** [rows * half], as `coarse`. */
  low: Uint8Array;
  scales: Float32Array;
}>;

// The largest number whose top four bits do not round up to a ninth step.
const largest = 30_719;
// A row of less is all zeros: its scale would have too few bits of a float left.
const negligible = 1e-30;

export function createRowCodes(rows: number, dimension: number): RowCodes {
  const half = Math.ceil(dimension / 2);
  return {
    ...{ rows, dimension, half },
    coarse: new Uint8Array(rows * half),
    middle: new Uint8Array(rows * 2 * half),
    low: new Uint8Array(rows * half),
    scales: new Float32Array(rows),
  };
}

/** Writes rows, [count * dimension] of finite values, from row `first` on. */
export function encodeRows(codes: RowCodes, first: number, vectors: Float32Array): void {
  const { rows, dimension, scales } = codes;
  const count = vectors.length / dimension;
  if (!Number.isInteger(count) || first < 0 || first + count > rows) {
    throw new RangeError(
      `${vectors.length} values are not rows of ${dimension} with room from row ${first} of ${rows} on`,
    );
  }
  for (let row = first; row < first + count; row++) {
    const from = (row - first) * dimension;
    let most = 0;
    for (let i = from; i < from + dimension; i++) most = Math.max(most, Math.abs(vectors[i]!));
    if (!Number.isFinite(most)) throw new RangeError(`row ${row} is not finite`);
    // Upward, so that the largest value does not pass `largest` after the rounding to a float.
    scales[row] = most < negligible ? 0 : (most / largest) * (1 + 2 ** -23);
    encodeRow(codes, row, vectors, from);
  }
}

function encodeRow(
  { dimension, half, coarse, middle, low, scales }: RowCodes,
  row: number,
  vectors: Float32Array,
  from: number,
) {
  const scale = scales[row]!;
  for (let i = 0; i < 2 * half; i++) {
    const value = i < dimension && scale > 0 ? Math.round(vectors[from + i]! / scale) : 0;
    const code = value + 34_816;
    const shift = i < half ? 0 : 4;
    const at = row * half + (i < half ? i : i - half);
    coarse[at] = (coarse[at]! & (0xf0 >> shift)) | ((code >> 12) << shift);
    low[at] = (low[at]! & (0xf0 >> shift)) | ((code & 15) << shift);
    middle[row * 2 * half + i] = (code >> 4) & 255;
  }
}

/** A query as a coarse search takes it: whole numbers of 8 bits, [2 * half], and what a step of theirs and the rows' is worth. */
export type CodedQuery = Readonly<{ values: Int8Array; step: number }>;

export function encodeQuery({ half }: RowCodes, query: Float32Array): CodedQuery {
  const most = query.reduce((known, value) => Math.max(known, Math.abs(value)), 0);
  const scale = most === 0 ? 1 : most / 127;
  const values = new Int8Array(2 * half);
  for (let i = 0; i < query.length; i++) values[i] = Math.round(query[i]! / scale);
  return { values, step: 4096 * scale };
}

/**
 * How far coarse similarities are from the true ones: so many standard deviations of an error that is spread evenly over the
 * steps of the rows and of the query. An estimate: no bound of use holds for four bits. Rows and query have length 1.
 */
export function createCoarseSlack({ rows, scales }: RowCodes, deviations: number): (query: CodedQuery) => number {
  let squares = 0;
  for (const scale of scales) squares += scale * scale;
  const usualStep = 4096 * Math.sqrt(squares / Math.max(1, rows));
  return ({ step }) => (deviations * Math.hypot(usualStep, step / 4096)) / Math.sqrt(12);
}
