import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { createExactIndex } from "../../src/adapters/exact-index.js";
import { createFaissIndex, faissAvailability } from "../../src/adapters/faiss-index.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import type { VectorIndex } from "../../src/pipeline.js";

// `node dist/test/bench/search.js`: milliseconds to compare one query with a catalog of 13,000 rows of 512 values, each
// way of doing it in a fresh process, five rounds in alternating order. Prints JSON.
const rows = 13_000;
const dimension = 512;
const rounds = 5;
const callsPerRound = 60;
// A plain search for candidates, as one would make without similarities to every row.
const count = 200;
const range = { from: 4_000, to: 5_000 };

type Ask = (index: VectorIndex, query: ReturnType<typeof toEmbedding>) => Promise<unknown>;
type Variant = Readonly<{ make: (vectors: Float32Array, dimension: number) => VectorIndex; ask: Ask }>;

const similarities: Ask = (index, query) => index.similarities(query);
const searchAll: Ask = (index, query) => index.search(query, count);
const searchRange: Ask = (index, query) => index.search(query, count, range);
const variants: Readonly<Record<string, Variant>> = {
  "similarities, addon's scan": { make: createFaissIndex, ask: similarities },
  "similarities, TypeScript": { make: createExactIndex, ask: similarities },
  "search 200 of 13,000, FAISS": { make: createFaissIndex, ask: searchAll },
  "search 200 of 13,000, TypeScript": { make: createExactIndex, ask: searchAll },
  "search 200 of 1,000 rows, FAISS": { make: createFaissIndex, ask: searchRange },
  "search 200 of 1,000 rows, TypeScript": { make: createExactIndex, ask: searchRange },
};

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)]!;
}

/** Median time of one call in this process, in ms. */
async function measure({ make, ask }: Variant): Promise<number> {
  const vectors = Float32Array.from({ length: rows * dimension }, (_, i) => Math.sin((i + 1) * 12.9898));
  const index = make(vectors, dimension);
  const query = toEmbedding(vectors.slice(0, dimension));
  const times: number[] = [];
  for (let call = 0; call < callsPerRound + 10; call++) {
    const start = performance.now();
    await ask(index, query);
    if (call >= 10) times.push(performance.now() - start);
  }
  return median(times);
}

function measureApart(name: string): number {
  return Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), name], { encoding: "utf8" }));
}

function measureAll(): unknown {
  const faiss = faissAvailability();
  const names = Object.keys(variants).filter((name) => faiss.available || name.endsWith("TypeScript"));
  const raw: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) raw[name]!.push(measureApart(name));
  }
  const shown = (value: number) => Math.round(value * 1000) / 1000;
  return {
    machine: `${cpus().length} x ${cpus()[0]?.model}`,
    node: process.version,
    faiss: faiss.available ? faiss.version : faiss.reason,
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
    date: new Date().toISOString().slice(0, 10),
    unit: "ms",
    results: names.map((name) => ({ name, median: shown(median(raw[name]!)), raw: raw[name]!.map(shown) })),
  };
}

const [wanted] = process.argv.slice(2);
if (wanted === undefined) console.log(JSON.stringify(measureAll(), null, 2));
else console.log(await measure(variants[wanted]!));
