import { availableParallelism } from "node:os";
import type { FlatIndex } from "../src/pipeline.js";
import { readVectorBlocks, type VectorFile } from "./vector-file.js";

/** Makes an index of [rows * dimension]. */
export type MakeIndex = (vectors: Float32Array, dimension: number) => Pick<FlatIndex, "similaritiesOfEach" | "close">;

/** Similarities of the `query`-th query to rows that follow one another, the first of which is row `first`. */
export type TakeSimilarities = (query: number, similarities: Float32Array, first: number) => void;

/** Sixteen megabytes of the vectors at a time. */
const valuesAtOnce = 2 ** 22;
/** Compared with a block by one thread. */
const queriesAtOnce = 16;
/** While one thread's similarities are looked through here, it has the next queries. */
const askingPerCore = 2;

/**
 * Compares queries, [queries * dimension], with every row of a file, which is gone through once, block by block. The rows
 * come in their order for each query. @throws what `take` throws
 */
export async function compareInBlocks(
  vectors: VectorFile,
  queries: Float32Array,
  makeIndex: MakeIndex,
  take: TakeSimilarities,
): Promise<void> {
  const { dimension } = vectors;
  const count = queries.length / dimension;
  const shares = Array.from({ length: Math.ceil(count / queriesAtOnce) }, (_, share) => share * queriesAtOnce);
  for await (const { first, vectors: block } of readVectorBlocks(vectors, Math.ceil(valuesAtOnce / dimension))) {
    const rows = block.length / dimension;
    const index = makeIndex(block, dimension);
    const waiting = shares.values();
    const askOn = async () => {
      for (const from of waiting) {
        const asked = queries.subarray(from * dimension, (from + queriesAtOnce) * dimension);
        const similarities = await index.similaritiesOfEach(asked);
        for (let at = 0; at * rows < similarities.length; at++) {
          take(from + at, similarities.subarray(at * rows, (at + 1) * rows), first);
        }
      }
    };
    try {
      // A block is searched by one thread at a time, so that several shares keep all cores at work.
      await Promise.all(Array.from({ length: availableParallelism() * askingPerCore }, askOn));
    } finally {
      await index.close();
    }
  }
}
