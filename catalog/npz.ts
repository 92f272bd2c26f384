import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { shown } from "../src/domain/json-fields.js";

/** A matrix of float32, row by row; `values` is null where it was not asked for. */
export type NpzMatrix = Readonly<{ rows: number; columns: number; values: Float32Array | null }>;

/** V4 has some dozens of categories. */
const maxArrays = 10_000;
/** NumPy's own limit for a header that is to be trusted. */
const maxHeaderBytes = 10_000;
/** What deflate can make of a byte, and a little for its blocks. */
const maxGrowth = 1040;
const prefixBytes = 12;

/**
 * The matrices of float32 in an .npz file, by name. Of each its shape is read, and its values where `wants` says so:
 * memory is what `wants` agrees to. Nothing in it is ever unpickled.
 * @throws Error with one line that names the file
 */
export async function readNpz(
  file: string,
  wants: (name: string, shape: Readonly<{ rows: number; columns: number }>) => boolean,
): Promise<ReadonlyMap<string, NpzMatrix>> {
  const found = new Map<string, NpzMatrix>();
  try {
    const zip = await openPromise(file, { autoClose: false, strictFileNames: true });
    try {
      if (zip.entryCount > maxArrays) throw new Error(`it has ${zip.entryCount} arrays; at most ${maxArrays} are read`);
      for await (const entry of zip.eachEntry()) {
        const name = /^(.+)\.npy$/s.exec(entry.fileName)?.[1];
        if (name === undefined) throw new Error(`its entry ${shown(entry.fileName)} is no array`);
        if (found.has(name)) throw new Error(`it has the array ${shown(name)} twice`);
        found.set(name, await readEntry(zip, entry, (shape) => wants(name, shape)));
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} cannot be read as arrays of NumPy: ${reason}`, { cause: error });
  }
  return found;
}

type Shape = Readonly<{ rows: number; columns: number }>;

async function readEntry(zip: ZipFile, entry: Entry, wants: (shape: Shape) => boolean): Promise<NpzMatrix> {
  const where = `its array ${shown(entry.fileName)}`;
  if (entry.isEncrypted()) throw new Error(`${where} is encrypted`);
  if (entry.uncompressedSize > entry.compressedSize * maxGrowth) {
    throw new Error(`${where} claims ${entry.uncompressedSize} bytes, more than ${entry.compressedSize} can hold`);
  }
  const stream = await zip.openReadStreamPromise(entry);
  try {
    return await readMatrix(stream, entry, where, wants);
  } finally {
    stream.destroy();
  }
}

async function readMatrix(
  stream: Readable,
  entry: Entry,
  where: string,
  wants: (shape: Shape) => boolean,
): Promise<NpzMatrix> {
  let [head, sum, at] = [Buffer.alloc(0), 0, 0];
  let shape: Shape | null = null;
  let bytes = new Uint8Array();
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sum = crc32(chunk, sum);
    let rest: Buffer = chunk;
    if (shape === null) {
      head = Buffer.concat([head, chunk]);
      const start = headerEnd(head, where);
      if (start === null) continue;
      shape = parseHeader(head, start, where);
      const length = 4 * shape.rows * shape.columns;
      if (start + length !== entry.uncompressedSize) {
        throw new Error(`${where} has ${entry.uncompressedSize - start} bytes where its shape has ${length}`);
      }
      if (!wants(shape)) return { ...shape, values: null };
      bytes = new Uint8Array(length);
      rest = head.subarray(start);
    }
    bytes.set(rest, at);
    at += rest.length;
  }
  if (shape === null) throw new Error(`${where} ends within its header`);
  if (sum !== entry.crc32) throw new Error(`${where} is damaged: its checksum is another`);
  return { ...shape, values: new Float32Array(bytes.buffer) };
}

/** Where the values begin; null while the header is not there yet. */
function headerEnd(head: Buffer, where: string): number | null {
  if (head.length < prefixBytes) return null;
  const version = head[6]!;
  if (head.toString("latin1", 0, 6) !== "\x93NUMPY" || version < 1 || version > 3) {
    throw new Error(`${where} does not begin as an array does`);
  }
  const end = version === 1 ? 10 + head.readUInt16LE(8) : prefixBytes + head.readUInt32LE(8);
  if (end > maxHeaderBytes) throw new Error(`${where} has a header of ${end} bytes`);
  return head.length < end ? null : end;
}

/** The header is a dict as Python writes it; what NumPy's own writer does not write is refused. */
function parseHeader(head: Buffer, end: number, where: string): Shape {
  const text = head.toString("latin1", head[6] === 1 ? 10 : prefixBytes, end).trim();
  const pattern = /^\{'descr': '([^']{1,20})', 'fortran_order': (True|False), 'shape': \(([\d, ]{0,60})\), \}$/;
  const [, type, fortran, sides] = pattern.exec(text) ?? [];
  if (type === undefined || sides === undefined) throw new Error(`${where} has a header that is not read`);
  if (type.endsWith("O")) throw new Error(`${where} has Python objects, which only a pickle can hold and are not read`);
  if (type !== "<f4") throw new Error(`${where} has values of type ${type}; only <f4 (float32) is read`);
  const shape = sides.split(",").map((side) => side.trim());
  const [rows, columns] = shape.filter((side) => side !== "").map(Number);
  if (rows === undefined || columns === undefined || shape.length !== 2) {
    throw new Error(`${where} has the shape (${sides}), not rows and columns`);
  }
  if (fortran === "True") throw new Error(`${where} lies column by column (Fortran's order), which is not read`);
  return { rows, columns };
}
