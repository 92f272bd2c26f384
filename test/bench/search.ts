import { createExactIndex } from "../../src/adapters/exact-index.js";
import { createFaissIndex, faissAvailability } from "../../src/adapters/faiss-index.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import type { FlatIndex } from "../../src/pipeline.js";
import { atLeast, atMost, type Bar } from "./harness/bar.js";
import { fitExponent } from "./harness/growth.js";
import { median, shown } from "./harness/quantile.js";
import type { ReportedFigures } from "./harness/report.js";
import { type RawFigures, ratioOf, summarizeAll } from "./harness/rounds.js";
import { type BenchRun, type Measured, runBench, type Variant } from "./harness/run-bench.js";
import { timeCalls } from "./harness/timing.js";
import { codedSearch } from "./search/coded-search.js";
import { rankedSearch } from "./search/ranked-search.js";
import { servedSearch } from "./search/served-search.js";

// `npm run bench -- search`: milliseconds to compare one query with a catalog of 13,000 rows of 512 values; then the whole of a
// request's search and ranking, over catalogs of garments drawn in clusters, with seeded chance. A short run draws 20,000 of the million. The
// million is asked about twice: in this process, and over HTTP of the built server.
const rows = 13_000;
const dimension = 512;
const usualCalls = { warmUps: 10, timed: 60 };
const shortCalls = { warmUps: 2, timed: 5 };
// A plain search for candidates, as one would make without similarities to every row.
const count = 200;
const range = { from: 4_000, to: 5_000 };

type Make = (vectors: Float32Array, dimension: number) => FlatIndex;
type Ask = (index: FlatIndex, query: ReturnType<typeof toEmbedding>) => Promise<unknown>;

/** Median time of one call in this process, in ms. */
function timing(make: Make, ask: Ask): Variant {
  return async ({ short }) => {
    const vectors = Float32Array.from({ length: rows * dimension }, (_, i) => Math.sin((i + 1) * 12.9898));
    const index = make(vectors, dimension);
    const query = toEmbedding(vectors.slice(0, dimension));
    return { ms: median(await timeCalls(() => ask(index, query), short ? shortCalls : usualCalls)) };
  };
}

const similarities: Ask = (index, query) => index.similarities(query);
const searchAll: Ask = (index, query) => index.search(query, count);
const searchRange: Ask = (index, query) => index.search(query, count, range);
const variants: Readonly<Record<string, Variant>> = {
  "similarities, addon's scan": timing(createFaissIndex, similarities),
  "similarities, TypeScript": timing(createExactIndex, similarities),
  "search 200 of 13,000, FAISS": timing(createFaissIndex, searchAll),
  "search 200 of 13,000, TypeScript": timing(createExactIndex, searchAll),
  "search 200 of 1,000 rows, FAISS": timing(createFaissIndex, searchRange),
  "search 200 of 1,000 rows, TypeScript": timing(createExactIndex, searchRange),
};
const ranked: Readonly<Record<string, Variant>> = {
  "search and rank, 13,000": rankedSearch(13_000),
  "search and rank, 100,000": rankedSearch(100_000),
};

const large = "search and rank, 1,000,000 in codes";
const served = "served over HTTP, 1,000,000 in codes";
const coded: Readonly<Record<string, Variant>> = {
  [large]: codedSearch(1_000_000, 20_000),
  [served]: servedSearch(1_000_000, 20_000),
};
// Each takes a minute and 4 GB to draw them.
const codedRounds = 1;

function toBars(raw: RawFigures): readonly Bar[] {
  const of = (items: string, figure: string) => raw[`search and rank, ${items}`]![figure]!;
  const bars = [
    atMost("search_13k_p50_ms", shown(median(of("13,000", "p50_ms"))), 2.5),
    atMost("search_100k_p50_ms", shown(median(of("100,000", "p50_ms"))), 8),
    atLeast("agreement_13k", Math.min(...of("13,000", "agreement")), 1),
    atLeast("agreement_100k", Math.min(...of("100,000", "agreement")), 1),
  ];
  if (!faissAvailability().available) return bars;
  const ratio = ratioOf(of("100,000", "search_p50_ms"), of("100,000", "floor_ms"));
  const ofLarge = (figure: string) => shown(median(raw[large]![figure]!));
  return [
    ...bars,
    atMost("flat_over_bandwidth_floor", ratio, 2),
    atMost("search_1m_p50_ms", ofLarge("p50_ms"), 15),
    atMost("memory_1m_gb", ofLarge("memory_gb"), 1.3),
    atLeast("agreement_1m", Math.min(...raw[large]!.agreement!), 0.99),
  ];
}

/** Of the time with the number of items, as a power of it; the million's are fewer in a short run, which shows no growth. */
function toGrowth(raw: RawFigures): ReportedFigures {
  const costOf = (name: string) => median(raw[name]!.p50_ms!);
  const flat = [13_000, 100_000].map((size) => ({
    size,
    cost: costOf(`search and rank, ${size.toLocaleString("en")}`),
  }));
  const all = [...flat, { size: 1_000_000, cost: costOf(large) }];
  return {
    "growth of search and rank, exponent": { flat: shown(fitExponent(flat)), to_a_million: shown(fitExponent(all)) },
  };
}

async function measure({ inRounds }: BenchRun): Promise<Measured> {
  const faiss = faissAvailability();
  const names = Object.keys(variants).filter((name) => faiss.available || name.endsWith("TypeScript"));
  const small = await inRounds([...names, ...Object.keys(ranked)]);
  const raw = { ...small, ...(faiss.available ? await inRounds([large, served], [], codedRounds) : {}) };
  return {
    figures: { unit: "ms", ...summarizeAll(raw), ...(faiss.available ? toGrowth(raw) : {}) },
    bars: toBars(raw),
    libraries: { faiss: faiss.available ? faiss.version : faiss.reason },
  };
}

await runBench(import.meta.url, { name: "search", variants: { ...variants, ...ranked, ...coded }, measure });
