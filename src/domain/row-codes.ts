/**
 * Rows of an index in 18 bits a value instead of 32, in four planes, of which a search reads the first alone: an eighth of
 * the floats. A value is `scales[row]` times the whole number `(coarse - 8) * 16384 + middle * 64 + low * 4 + lowest - 8192`.
 * With 16 bits the order of the best pieces changed in 1.5 % of the answers over a million items (test/bench/search.ts).
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
  /** [rows * quarter]: two bits a value; a byte has value i of each half, then value i + 1 of each. */
  lowest: Uint8Array;
  quarter: number;
  scales: Float32Array;
}>;

// The largest number whose top four bits do not round up to a ninth step.
const largest = 122_879;
// What is added to such a number: 8.5 steps, half of one for rounding to the nearest.
const zero = 139_264;
const coarseStep = 16_384;
// A row of less is all zeros: its scale would have too few bits of a float left.
const negligible = 1e-30;

/** Bytes that so many rows take, part by part. */
export function sizesOfCodes(rows: number, dimension: number) {
  const half = Math.ceil(dimension / 2);
  const quarter = Math.ceil(half / 2);
  return { scales: rows * 4, coarse: rows * half, middle: rows * 2 * half, low: rows * half, lowest: rows * quarter };
}

/** Codes without a row yet. `take` gives them their memory, one part after the other, each at a multiple of four bytes. */
export function createRowCodes(
  rows: number,
  dimension: number,
  take: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes),
): RowCodes {
  const half = Math.ceil(dimension / 2);
  const quarter = Math.ceil(half / 2);
  const sizes = sizesOfCodes(rows, dimension);
  const scales = take(sizes.scales);
  return {
    ...{ rows, dimension, half, quarter },
    scales: new Float32Array(scales.buffer, scales.byteOffset, rows),
    coarse: take(sizes.coarse),
    middle: take(sizes.middle),
    low: take(sizes.low),
    lowest: take(sizes.lowest),
  };
}

/** A row's values again, [dimension], to 17 bits of its largest. */
export function decodeRow({ dimension, half, quarter, coarse, middle, low, lowest, scales }: RowCodes, row: number) {
  const values = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++) {
    const column = i < half ? i : i - half;
    const shift = i < half ? 0 : 4;
    const code =
      (((coarse[row * half + column]! >> shift) & 15) << 14) |
      (middle[row * 2 * half + i]! << 6) |
      (((low[row * half + column]! >> shift) & 15) << 2) |
      ((lowest[row * quarter + (column >> 1)]! >> ((column & 1) * 4 + (i < half ? 0 : 2))) & 3);
    values[i] = (code - zero) * scales[row]!;
  }
  return values;
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
  { dimension, half, quarter, coarse, middle, low, lowest, scales }: RowCodes,
  row: number,
  vectors: Float32Array,
  from: number,
) {
  const scale = scales[row]!;
  for (let i = 0; i < 2 * half; i++) {
    const value = i < dimension && scale > 0 ? Math.round(vectors[from + i]! / scale) : 0;
    const code = value + zero;
    const column = i < half ? i : i - half;
    const shift = i < half ? 0 : 4;
    put(coarse, row * half + column, 15, code >> 14, shift);
    middle[row * 2 * half + i] = (code >> 6) & 255;
    put(low, row * half + column, 15, (code >> 2) & 15, shift);
    put(lowest, row * quarter + (column >> 1), 3, code & 3, (column & 1) * 4 + (i < half ? 0 : 2));
  }
}

/** Replaces the bits of `mask`, shifted, and leaves the others. */
function put(plane: Uint8Array, at: number, mask: number, value: number, shift: number): void {
  plane[at] = (plane[at]! & ~(mask << shift)) | (value << shift);
}

/** A query as a coarse search takes it: whole numbers of 8 bits, [2 * half], and what a step of theirs and the rows' is worth. */
export type CodedQuery = Readonly<{ values: Int8Array; step: number }>;

export function encodeQuery({ half }: RowCodes, query: Float32Array): CodedQuery {
  const most = query.reduce((known, value) => Math.max(known, Math.abs(value)), 0);
  const scale = most === 0 ? 1 : most / 127;
  const values = new Int8Array(2 * half);
  for (let i = 0; i < query.length; i++) values[i] = Math.round(query[i]! / scale);
  return { values, step: coarseStep * scale };
}

/**
 * How far coarse similarities are from the true ones: so many standard deviations of an error that is spread evenly over the
 * steps of the rows and of the query. An estimate: no bound of use holds for four bits. Rows and query have length 1.
 */
export function createCoarseSlack({ rows, scales }: RowCodes, deviations: number): (query: CodedQuery) => number {
  let squares = 0;
  for (const scale of scales) squares += scale * scale;
  const usualStep = coarseStep * Math.sqrt(squares / Math.max(1, rows));
  return ({ step }) => (deviations * Math.hypot(usualStep, step / coarseStep)) / Math.sqrt(12);
}
