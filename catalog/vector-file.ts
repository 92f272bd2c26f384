import { type FileHandle, open } from "node:fs/promises";

/** A file of nothing but float32 vectors, [rows, dimension], little-endian. */
export type VectorFile = Readonly<{ file: string; rows: number; dimension: number }>;

/** Rows that follow one another, [n, dimension], the first of which is row `first`. */
export type VectorBlock = Readonly<{ first: number; vectors: Float32Array }>;

/** All rows in their order, `rowsAtOnce` at a time; a block's memory is used for the next one again. */
export async function* readVectorBlocks(
  { file, rows, dimension }: VectorFile,
  rowsAtOnce: number,
): AsyncGenerator<VectorBlock> {
  const handle = await open(file, "r");
  try {
    const block = new Float32Array(Math.min(rows, rowsAtOnce) * dimension);
    for (let first = 0; first < rows; first += rowsAtOnce) {
      const vectors = block.subarray(0, Math.min(rowsAtOnce, rows - first) * dimension);
      await readInto(handle, vectors, first * dimension, file);
      yield { first, vectors };
    }
  } finally {
    await handle.close();
  }
}

/** Some rows, [rows.length, dimension], in the order asked for. */
export async function readVectorRows({ file, dimension }: VectorFile, rows: readonly number[]): Promise<Float32Array> {
  const handle = await open(file, "r");
  try {
    const vectors = new Float32Array(rows.length * dimension);
    for (const [i, row] of rows.entries()) {
      await readInto(handle, vectors.subarray(i * dimension, (i + 1) * dimension), row * dimension, file);
    }
    return vectors;
  } finally {
    await handle.close();
  }
}

async function readInto(handle: FileHandle, target: Float32Array, firstValue: number, file: string): Promise<void> {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, firstValue * 4 + done);
    if (bytesRead === 0) throw new Error(`${file} became shorter while it was read`);
    done += bytesRead;
  }
}
