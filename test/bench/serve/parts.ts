import { readFile } from "node:fs/promises";
import { readArtifact } from "../../../src/adapters/artifact-files.js";
import { createExactIndex } from "../../../src/adapters/exact-index.js";
import { createFaissIndex, faissAvailability } from "../../../src/adapters/faiss-index.js";
import { createImageDecoder } from "../../../src/adapters/image-decoder.js";
import { toAnswer, toShelf } from "../../../src/domain/answer.js";
import { toKnownColor } from "../../../src/domain/catalog-candidates.js";
import type { Query } from "../../../src/domain/query.js";
import type { BenchModels } from "../encoder/models.js";
import { decodePhoto, openEncoder } from "../encoder/ours.js";
import { median } from "../harness/quantile.js";
import { type Calls, callsPerSecond, timeCalls } from "../harness/timing.js";
import type { ServeSetting } from "./settings.js";

/** What one request's work costs without a server around it: in ms, of one caller's time and of all threads' processor time. */
export type PartCost = Readonly<{ p50Ms: number; cpuMs: number }>;
export type Parts = Readonly<Record<"model" | "decodeAndColor" | "rank", PartCost>>;

export type PartsOptions = Readonly<{ setting: ServeSetting; calls: Calls; busyCalls: number }>;

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
  const input = await decodePhoto(decoder, bytes);
  const decodeAndColor = await measureOne(() => decodePhoto(decoder, bytes), decoderWorkers, options);
  await decoder.close();
  const onnx = await openEncoder(ours, "int8", { workers: encoderWorkers, threads: encoderThreads });
  const [embedding] = await onnx.encode([input]);
  const model = await measureOne(() => onnx.encode([input]), encoderWorkers, options);
  await onnx.close();
  const { catalog, rules, calibration, vectors } = await readArtifact(artifact);
  const createIndex = faissAvailability().available ? createFaissIndex : createExactIndex;
  const index = createIndex(vectors, embedding!.length);
  const query: Query = { ...outfit, source: { kind: "embedding", embedding: embedding!, color: null } };
  const shelf = toShelf(catalog.items, { rules, calibration });
  const color = toKnownColor([60, 90, 170]);
  const rank = async () => {
    const similarities = await index.similarities(embedding!);
    return toAnswer(shelf, query, { color, similarities });
  };
  return { model, decodeAndColor, rank: await measureOne(rank, 1, options) };
}

const outfit: Omit<Query, "source"> = {
  ...{ mode: "outfit", profile: "v5", gender: null, category: null, topK: null, itemsPerCategory: null },
  ...{ excludeIds: [], explain: false },
};

/** One caller for the time, two a worker for the processor time: busy cores have smaller caches for each. */
async function measureOne(
  call: () => Promise<unknown>,
  workers: number,
  { calls, busyCalls }: PartsOptions,
): Promise<PartCost> {
  const p50Ms = median(await timeCalls(call, calls));
  const before = process.cpuUsage();
  await callsPerSecond(call, workers * 2, busyCalls);
  const { user, system } = process.cpuUsage(before);
  return { p50Ms, cpuMs: (user + system) / 1000 / (busyCalls + workers * 2) };
}
