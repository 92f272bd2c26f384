import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createCodedIndex } from "../../../src/adapters/coded-index.js";
import { createFaissIndex, faissAvailability } from "../../../src/adapters/faiss-index.js";
import { isSameAnswer } from "../../../src/domain/answer-changes.js";
import { toColumns } from "../../../src/domain/candidate-columns.js";
import { type CatalogGroups, toCatalogGroups } from "../../../src/domain/catalog-groups.js";
import { rankGroupedAsV5 } from "../../../src/domain/grouped-ranking.js";
import { rankAsV5 } from "../../../src/domain/ranking-v5.js";
import { createRowCodes, encodeRows } from "../../../src/domain/row-codes.js";
import type { VectorIndex } from "../../../src/pipeline.js";
import {
  type ClusteredCatalog,
  createClusteredCatalog,
  type DrawnGarment,
  drawQueries,
  toDrawnCandidate,
} from "../../support/clustered-catalog.js";
import { inRowOrder } from "../../support/placed-codes.js";
import type { Figures } from "../harness/rounds.js";
import type { Variant } from "../harness/run-bench.js";
import { dimension, seed, toRankInput, toTimes } from "./ranked-search.js";

// 20 MB of vectors at a time.
const chunkRows = 10_000;
const warmUps = 20;
const usualQueries = 200;
const shortQueries = 20;

type Queries = ReturnType<typeof drawQueries>;

/**
 * The search and the ranking over 18-bit codes in four planes, the rows in the order of their groups, as for a catalog
 * that is too large to be read whole for each request. The vectors themselves come and go in chunks. `memory_gb` is what
 * codes and groups hold, the items' own records apart; `agreement` compares with the ranking that
 * looks at every candidate by its 32-bit vector.
 */
export function codedSearch(usualRows: number, shortRows: number): Variant {
  return async ({ short }) => {
    const rows = short ? shortRows : usualRows;
    const catalog = createClusteredCatalog(dimension, seed, 0);
    const garments = inGroupedOrder(catalog.draw(rows));
    const queries = drawQueries(createClusteredCatalog(dimension, seed, 1), short ? shortQueries : usualQueries);
    const candidates = garments.map(toDrawnCandidate);
    const before = heldBytes();
    const groups = toCatalogGroups(toColumns(candidates));
    const { index, encodeMs } = encode(catalog, garments);
    const memory = heldBytes() - before;
    const { times, rankings } = await ask(index, groups, queries, (query) => toRankInput(candidates, query));
    const expected = await rankExhaustively(
      createClusteredCatalog(dimension, seed, 0),
      garments,
      queries,
      (at, similarities) =>
        rankAsV5({ ...toRankInput(candidates, queries[at]!.query), columns: groups.columns, similarities }),
    );
    const same = expected.filter((ranking, at) => isSameAnswer(ranking, rankings[at]!)).length;
    return { ...times, memory_gb: memory / 1e9, encode_s: encodeMs / 1000, agreement: same / queries.length };
  };
}

/** Sorted as a build would sort them, so that the rows of a group are neighbors in memory. */
function inGroupedOrder(garments: readonly DrawnGarment[]): readonly DrawnGarment[] {
  const { places } = toCatalogGroups(toColumns(garments.map(toDrawnCandidate)));
  return Array.from(places, (place) => garments[place]!);
}

/** By JavaScript's objects and arrays, without what nobody holds any more. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function encode(catalog: ClusteredCatalog, garments: readonly DrawnGarment[]) {
  const faiss = faissAvailability();
  if (!faiss.available) throw new Error(faiss.reason);
  const codes = createRowCodes(garments.length, dimension);
  let encodeMs = 0;
  for (let row = 0; row < garments.length; row += chunkRows) {
    const vectors = catalog.embed(garments.slice(row, row + chunkRows));
    const start = performance.now();
    encodeRows(codes, row, vectors);
    encodeMs += performance.now() - start;
  }
  return { index: createCodedIndex(faiss.addon, inRowOrder(codes)), encodeMs };
}

async function ask(
  index: VectorIndex,
  groups: CatalogGroups,
  queries: Queries,
  toInput: (query: Queries[number]["query"]) => ReturnType<typeof toRankInput>,
) {
  const times = { search: [] as number[], rank: [] as number[], both: [] as number[] };
  const rankings = [];
  for (let call = 0; call < warmUps + queries.length; call++) {
    const { query, embedding } = queries[call % queries.length]!;
    const input = toInput(query);
    const start = performance.now();
    const estimate = await index.estimate(embedding);
    const found = performance.now();
    const ranking = rankGroupedAsV5({ ...input, groups, estimate });
    const end = performance.now();
    if (call < warmUps) continue;
    rankings[call % queries.length] = ranking;
    times.search.push(found - start);
    times.rank.push(end - found);
    times.both.push(end - start);
  }
  return { times: toTimes(times) as Figures, rankings };
}

/** Of each query, from the vectors themselves, which are drawn once more. */
async function rankExhaustively<Answer>(
  catalog: ClusteredCatalog,
  garments: readonly DrawnGarment[],
  queries: Queries,
  rank: (at: number, similarities: Float32Array) => Answer,
): Promise<readonly Answer[]> {
  const similarities = queries.map(() => new Float32Array(garments.length));
  for (let row = 0; row < garments.length; row += chunkRows) {
    const chunk = createFaissIndex(catalog.embed(garments.slice(row, row + chunkRows)), dimension);
    for (const [at, { embedding }] of queries.entries()) {
      similarities[at]!.set(await chunk.similarities(embedding), row);
    }
    await chunk.close();
  }
  return similarities.map((each, at) => rank(at, each));
}
