import { constants } from "node:buffer";
import { createRowCodes, type RowCodes, sizesOfCodes } from "../domain/row-codes.js";
import type { PlacedCodes } from "./coded-index.js";

/**
 * `index.codes`, all numbers little-endian: 16 bytes of name, rows and dimension as uint32, zeros up to byte 64; then, each
 * beginning at a multiple of 64, the row at each place as int32 and the parts of `RowCodes` in the order of `createRowCodes`.
 */
const name = "stygig codes v1\n";
const alignment = 64;

/** A file in memory whose parts are views of its bytes. */
export type CodesFile = Readonly<{ bytes: Uint8Array; rowOfPlace: Int32Array; codes: RowCodes }>;

/** An empty file for so many rows. @throws Error with one line when no array can be as large */
export function createCodesFile(rows: number, dimension: number): CodesFile {
  const size = sizeOf(rows, dimension);
  if (size > constants.MAX_LENGTH) {
    throw new Error(`an index of codes has at most ${constants.MAX_LENGTH} bytes; ${rows} rows would take ${size}`);
  }
  const file = viewParts(new Uint8Array(size), rows, dimension);
  file.bytes.set(new TextEncoder().encode(name));
  new DataView(file.bytes.buffer).setUint32(16, rows, true);
  new DataView(file.bytes.buffer).setUint32(20, dimension, true);
  return file;
}

/**
 * A file read again; `bytes` is not copied and begins its buffer.
 * @throws Error with one line when it is none, is another catalog's, or names a row twice.
 */
export function openCodesFile(
  path: string,
  bytes: Uint8Array,
  { rows, dimension }: Readonly<{ rows: number; dimension: number }>,
): CodesFile & PlacedCodes {
  const size = sizeOf(rows, dimension);
  if (bytes.length !== size) throw new Error(`${path} has ${bytes.length} bytes; ${rows} rows take ${size}`);
  const head = new DataView(bytes.buffer, bytes.byteOffset, alignment);
  const found = [head.getUint32(16, true), head.getUint32(20, true)];
  const isNamed = new TextDecoder().decode(bytes.subarray(0, name.length)) === name;
  if (!isNamed || found[0] !== rows || found[1] !== dimension) {
    throw new Error(`${path} is not this catalog's index: it does not begin with its rows and dimension`);
  }
  const file = viewParts(bytes, rows, dimension);
  const placeOfRow = new Int32Array(rows).fill(-1);
  // Plain loops, over a million rows each: a server that reloads has others to answer.
  for (let place = 0; place < rows; place++) {
    const row = file.rowOfPlace[place]!;
    if (placeOfRow[row] !== -1) throw new Error(`${path} does not have every row once: place ${place} has row ${row}`);
    placeOfRow[row] = place;
  }
  for (let place = 0; place < rows; place++) {
    const scale = file.codes.scales[place]!;
    if (!(scale >= 0 && scale <= 1)) throw new Error(`${path} place ${place} has scale ${scale}`);
  }
  return { ...file, placeOfRow };
}

function sizeOf(rows: number, dimension: number): number {
  const parts = [rows * 4, ...Object.values(sizesOfCodes(rows, dimension))];
  return alignment + parts.reduce((sum, bytes) => sum + toAligned(bytes), 0);
}

function viewParts(bytes: Uint8Array, rows: number, dimension: number): CodesFile {
  let at = alignment;
  const take = (length: number) => {
    const part = bytes.subarray(at, at + length);
    at += toAligned(length);
    return part;
  };
  const order = take(rows * 4);
  const rowOfPlace = new Int32Array(order.buffer, order.byteOffset, rows);
  return { bytes, rowOfPlace, codes: createRowCodes(rows, dimension, take) };
}

function toAligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
