import { readFile } from "node:fs/promises";
import { readArtifact } from "../../../src/adapters/artifact-files.js";
import { createExactIndex } from "../../../src/adapters/exact-index.js";
import { createFaissIndex, faissAvailability } from "../../../src/adapters/faiss-index.js";
import { createImageDecoder } from "../../../src/adapters/image-decoder.js";
import { toAnswer, toShelf } from "../../../src/domain/answer.js";
import { toKnownColor } from "../../../src/domain/catalog-candidates.js";
import type { Embedding } from "../../../src/domain/embedding.js";
import type { Query } from "../../../src/domain/query.js";
import type { BenchModels } from "../encoder/models.js";
import { decodePhoto, openEncoder } from "../encoder/ours.js";
import { median } from "../harness/quantile.js";
import { callsPerSecond } from "../harness/timing.js";
import type { ServeSetting } from "./settings.js";

export const partNames = ["decode and color", "model", "rank"] as const;
type PartName = (typeof partNames)[number];

/** What one request's work costs without a server around it: in ms, of one caller's time and of all threads' processor time. */
export type PartCost = Readonly<{ p50Ms: number; cpuMs: number }>;
export type Parts = Readonly<Record<PartName, PartCost>>;

export type PartsOptions = Readonly<{ setting: ServeSetting; warmUps: number; timed: number; busyCalls: number }>;

/** A part, and how many threads work on it side by side. */
type Part = Readonly<{ call: () => Promise<unknown>; workers: number }>;

/** Each part alone, with as many workers and threads as the server has of it. */
export async function measureParts(
  artifact: string,
  { ours, photo }: BenchModels,
  options: PartsOptions,
): Promise<Parts> {
  const { encoderWorkers, encoderThreads, decoderWorkers } = options.setting;
  const bytes = await readFile(photo);
  const decoder = createImageDecoder({ workers: decoderWorkers, maxPixels: 50_000_000 });
  await decoder.started();
  const encoder = await openEncoder(ours, "int8", { workers: encoderWorkers, threads: encoderThreads });
  const input = await decodePhoto(decoder, bytes);
  const [embedding] = await encoder.encode([input]);
  const parts: Readonly<Record<PartName, Part>> = {
    "decode and color": { call: () => decodePhoto(decoder, bytes), workers: decoderWorkers },
    model: { call: () => encoder.encode([input]), workers: encoderWorkers },
    rank: { call: await openRanking(artifact, embedding!), workers: 1 },
  };
  const p50Ms = await timeInTurn(parts, options);
  const costs: [PartName, PartCost][] = [];
  for (const name of partNames) {
    costs.push([name, { p50Ms: p50Ms[name], cpuMs: await measureBusy(parts[name], options.busyCalls) }]);
  }
  await decoder.close();
  await encoder.close();
  return Object.fromEntries(costs) as Parts;
}

/** Search, vote and score for the whole catalog. */
async function openRanking(artifact: string, embedding: Embedding): Promise<() => Promise<unknown>> {
  const { catalog, rules, calibration, vectors } = await readArtifact(artifact);
  const index = (faissAvailability().available ? createFaissIndex : createExactIndex)(vectors, embedding.length);
  const shelf = toShelf(catalog, { rules, calibration });
  const query: Query = {
    ...{ mode: "outfit", profile: "v5", gender: null, category: null, topK: null, itemsPerCategory: null },
    ...{ source: { kind: "embedding", embedding, color: null }, excludeIds: [], explain: false },
  };
  const color = toKnownColor([60, 90, 170]);
  return async () => toAnswer(shelf, query, { color, estimate: await index.estimate(embedding) });
}

/** One after the other as a request has them: each finds the processor's caches as the others leave them. */
async function timeInTurn(
  parts: Readonly<Record<PartName, Part>>,
  { warmUps, timed }: PartsOptions,
): Promise<Readonly<Record<PartName, number>>> {
  const times = Object.fromEntries(partNames.map((name) => [name, [] as number[]])) as Record<PartName, number[]>;
  for (let turn = 0; turn < warmUps + timed; turn++) {
    for (const name of partNames) {
      const start = performance.now();
      await parts[name].call();
      if (turn >= warmUps) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(partNames.map((name) => [name, median(times[name])])) as Record<PartName, number>;
}

/** With two callers a worker, so that none of them waits for work. */
async function measureBusy({ call, workers }: Part, calls: number): Promise<number> {
  const before = process.cpuUsage();
  await callsPerSecond(call, workers * 2, calls);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (calls + workers * 2);
}
