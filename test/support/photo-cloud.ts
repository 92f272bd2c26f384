import { toEmbedding } from "../../src/domain/embedding.js";
import { unitRows } from "./some-vectors.js";

export type PhotoCloudOptions = Readonly<{ photos: number; groups?: number; dimension?: number; seed?: number }>;

/** Embeddings of photos that lie around the center of their category, and ways to bend them. */
export function aPhotoCloud({ photos, groups = 6, dimension = 16, seed = 1 }: PhotoCloudOptions) {
  const centers = unitRows(groups, dimension, seed + 1000);
  const own = unitRows(Math.max(1, photos), dimension, seed);
  const reference = toRows(photos, dimension, (row, at) => {
    return centers[(row % groups) * dimension + at]! + 0.5 * own[row * dimension + at]!;
  });
  const noise = unitRows(Math.max(1, photos), dimension, seed + 2000);
  return {
    reference,
    dimension,
    categories: Array.from({ length: photos }, (_, photo) => `category ${photo % groups}`),
    /** Each row moved by `length` in a direction of its own. */
    withNoise: (length: number) =>
      toRows(photos, dimension, (row, at) => reference[row * dimension + at]! + length * noise[row * dimension + at]!),
    /** Every row moved by `length` in one direction. */
    withOffset: (length: number) =>
      toRows(photos, dimension, (row, at) => reference[row * dimension + at]! + length * noise[at]!),
  };
}

function toRows(rows: number, dimension: number, value: (row: number, at: number) => number): Float32Array {
  const values = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    values.set(toEmbedding(Float32Array.from({ length: dimension }, (_, at) => value(row, at))), row * dimension);
  }
  return values;
}
