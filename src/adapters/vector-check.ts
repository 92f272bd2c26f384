/** How far an embedding may be from length 1; float32 rounding stays a hundred times below. */
const unitTolerance = 1e-4;

/** Looks at a file's bytes as they pass, of which none is kept. `end` comes when their digest is the promised one. */
export type Check = Readonly<{ take: (chunk: Uint8Array) => void; end: () => void }>;

/**
 * Of the embeddings in `file`, in chunks of any size; their number is held against the file's size elsewhere. What is found
 * wrong is told at the end: with another digest than the promised one that is what is wrong.
 */
export function createVectorCheck(file: string, dimension: number): Check {
  const row = new Float32Array(dimension);
  const bytes = new Uint8Array(row.buffer);
  let [rows, filled] = [0, 0];
  let failure: Error | null = null;
  return {
    take: (chunk) => {
      for (let at = 0; at < chunk.length && failure === null; ) {
        const some = chunk.subarray(at, at + bytes.length - filled);
        bytes.set(some, filled);
        filled += some.length;
        at += some.length;
        if (filled < bytes.length) break;
        failure = problemOf(file, rows++, row);
        filled = 0;
      }
    },
    end: () => {
      if (failure !== null) throw failure;
    },
  };
}

/** @throws Error with one line when this row of `file` is not of length 1 */
export function requireUnit(file: string, row: number, values: Float32Array): void {
  const problem = problemOf(file, row, values);
  if (problem !== null) throw problem;
}

function problemOf(file: string, row: number, values: Float32Array): Error | null {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i]! * values[i]!;
  const length = Math.sqrt(squares);
  // Written so that NaN fails too.
  return Math.abs(length - 1) <= unitTolerance ? null : new Error(`${file} row ${row} has length ${length}, not 1`);
}
