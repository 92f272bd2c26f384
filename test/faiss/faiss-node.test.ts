import { createRequire } from "node:module";
import { toExactEstimate } from "../../src/domain/contenders.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import type { FlatIndex } from "../../src/pipeline.js";
import { type MakeIndex, vectorIndexContract } from "../support/vector-index-contract.js";

type FaissNodeIndex = Readonly<{
  add: (values: number[]) => void;
  search: (query: number[], count: number) => Readonly<{ distances: number[]; labels: number[] }>;
}>;
type FaissNode = Readonly<{ IndexFlatIP: new (dimension: number) => FaissNodeIndex }>;

// The published binding, which is no dependency of ours: vitest.config.ts leaves this file out where it is not installed.
// Where it is, it must answer as our own does.
const faissNode: FaissNode = createRequire(import.meta.url)("faiss-node");
vectorIndexContract("faiss-node", over(faissNode));

/** The contract over it: everything is asked for and the order, the range and the checks are added here. */
function over({ IndexFlatIP }: FaissNode): MakeIndex {
  return (vectors, dimension): FlatIndex => {
    if (!Number.isInteger(dimension) || dimension < 1 || vectors.length % dimension !== 0)
      throw new RangeError("shape");
    requireFinite(vectors);
    const rows = vectors.length / dimension;
    const index = new IndexFlatIP(dimension);
    if (rows > 0) index.add(Array.from(vectors));
    let closed = false;

    async function similarities(query: Float32Array): Promise<Float32Array> {
      if (closed) throw new Error("the index is closed");
      if (query.length !== dimension) throw new RangeError("width");
      requireFinite(query);
      const values = new Float32Array(rows);
      if (rows === 0) return values;
      const { distances, labels } = index.search(Array.from(query), rows);
      for (const [at, row] of labels.entries()) values[row] = distances[at]!;
      return values;
    }

    return {
      kind: "faiss",
      rows,
      dimension,
      estimate: async (query) => toExactEstimate(await similarities(query)),
      embeddingOf: async (row) => toEmbedding(vectors.slice(row * dimension, (row + 1) * dimension)),
      similarities,
      similaritiesOfEach: async (queries) => {
        if (queries.length % dimension !== 0) throw new RangeError("queries");
        const count = queries.length / dimension;
        const each = Array.from({ length: count }, (_, at) => queries.slice(at * dimension, (at + 1) * dimension));
        const answers = await Promise.all(each.map(similarities));
        return Float32Array.from(answers.flatMap((values) => [...values]));
      },
      search: async (query, count, { from, to } = { from: 0, to: rows }) => {
        const whole = [count, from, to].every((value) => Number.isInteger(value) && value >= 0);
        if (!whole || from > to || to > rows) throw new RangeError("range");
        return Array.from(await similarities(query), (similarity, row) => ({ row, similarity }))
          .slice(from, to)
          .sort((left, right) => right.similarity - left.similarity || left.row - right.row)
          .slice(0, count);
      },
      close: async () => {
        closed = true;
      },
    };
  };
}

function requireFinite(values: Float32Array): void {
  if (!values.every(Number.isFinite)) throw new RangeError("not finite");
}
