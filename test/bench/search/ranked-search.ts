import { createExactIndex } from "../../../src/adapters/exact-index.js";
import { createFaissIndex, faissAvailability } from "../../../src/adapters/faiss-index.js";
import { isSameAnswer } from "../../../src/domain/answer-changes.js";
import type { Candidate } from "../../../src/domain/candidate.js";
import { toColumns } from "../../../src/domain/candidate-columns.js";
import { toCatalogGroups } from "../../../src/domain/catalog-groups.js";
import { toExactEstimate } from "../../../src/domain/contenders.js";
import { rankGroupedAsV5 } from "../../../src/domain/grouped-ranking.js";
import type { RankQuery } from "../../../src/domain/ranking.js";
import { standardRules } from "../../../src/domain/ranking-rules.js";
import { rankAsV5 } from "../../../src/domain/ranking-v5.js";
import { uncalibrated } from "../../../src/domain/vote-confidence.js";
import { createClusteredCatalog, drawQueries, toDrawnCandidate } from "../../support/clustered-catalog.js";
import { median, quantile } from "../harness/quantile.js";
import type { Figures } from "../harness/rounds.js";
import type { Variant } from "../harness/run-bench.js";

export const dimension = 512;
export const seed = 20_261_121;
const queryCount = 40;
const warmUps = 20;
const usualTimed = 200;
const shortTimed = 40;

/** What a query of the bench asks, apart from its similarities. */
export function toRankInput(candidates: readonly Candidate[], query: RankQuery) {
  return {
    ...{ candidates, query, rules: standardRules, calibration: uncalibrated },
    ...{ excludedPlaces: new Set<number>(), maxTotal: standardRules.maxTotal, itemsPerCategory: 1 },
  };
}

/**
 * The search and the ranking of a request, over vectors as they are: what the server does. `floor_ms` is what this machine
 * takes to read as many bytes once, and `agreement` compares with the ranking that looks at every candidate.
 */
export function rankedSearch(rows: number): Variant {
  return async ({ short }) => {
    const catalog = createClusteredCatalog(dimension, seed, 0);
    const garments = catalog.draw(rows);
    const vectors = catalog.embed(garments);
    const candidates = garments.map(toDrawnCandidate);
    const groups = toCatalogGroups(toColumns(candidates));
    const queries = drawQueries(createClusteredCatalog(dimension, seed, 1), queryCount);
    const index = faissAvailability().available
      ? createFaissIndex(vectors, dimension)
      : createExactIndex(vectors, dimension);
    const times = { search: [] as number[], rank: [] as number[], both: [] as number[] };
    const exhaustive: number[] = [];
    let same = 0;
    const timed = short ? shortTimed : usualTimed;
    for (let call = 0; call < warmUps + timed; call++) {
      const { query, embedding } = queries[call % queryCount]!;
      const input = toRankInput(candidates, query);
      const start = performance.now();
      const similarities = await index.similarities(embedding);
      const found = performance.now();
      const ranking = rankGroupedAsV5({ ...input, groups, estimate: toExactEstimate(similarities) });
      const end = performance.now();
      const expected = rankAsV5({ ...input, columns: groups.columns, similarities });
      if (call < warmUps) continue;
      exhaustive.push(performance.now() - end);
      if (isSameAnswer(ranking, expected)) same++;
      times.search.push(found - start);
      times.rank.push(end - found);
      times.both.push(end - start);
    }
    await index.close();
    return {
      ...toTimes(times),
      exhaustive_rank_p50_ms: median(exhaustive),
      floor_ms: readingFloor(vectors.byteLength),
      agreement: same / timed,
    };
  };
}

export function toTimes(times: Readonly<Record<"search" | "rank" | "both", readonly number[]>>): Figures {
  return {
    p50_ms: median(times.both),
    p99_ms: quantile(times.both, 0.99),
    search_p50_ms: median(times.search),
    rank_p50_ms: median(times.rank),
  };
}

/** Milliseconds in which one core reads so many bytes: the C library looks for one that is not there. */
function readingFloor(bytes: number): number {
  const memory = Buffer.alloc(bytes, 1);
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    if (memory.indexOf(2) !== -1) throw new Error("the memory does not hold what was written there");
    return performance.now() - start;
  });
  return median(times);
}
