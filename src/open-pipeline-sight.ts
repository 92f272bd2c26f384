import { availableParallelism } from "node:os";
import type { EncoderFiles, ModelOnDisk } from "./adapters/encoder-files.js";
import { createImageDecoder, type ImageDecoder } from "./adapters/image-decoder.js";
import { createNvidiaSmi } from "./adapters/nvidia-smi.js";
import type { WorkerLost } from "./adapters/worker-pool.js";
import type { ServerConfig } from "./config.js";
import { countGpus } from "./domain/gpu-batch.js";
import { type DeviceFailure, openServingEncoder, type ServingEncoder } from "./open-pipeline-encoder.js";
import { type FeatureOptions, type Features, openFeatures } from "./open-pipeline-features.js";
import { openReferences, type ReferenceOptions, type References } from "./open-pipeline-references.js";
import { now } from "./serving/clock.js";

export type SightOptions = Pick<
  ServerConfig,
  | EncoderSettingName
  | ("decoderWorkers" | "maxPixels" | "downscaleMax")
  | ("maxInFlightPixels" | "maxBatch" | "cacheEntries" | "cacheBytes" | "cacheTtlMs")
> &
  Readonly<{
    /** Told of every worker lost after the start. */
    report?: (pool: "encoder" | "decoder", lost: WorkerLost) => void;
    /** Told of every device error while serving. */
    reportFailure?: (failure: DeviceFailure) => void;
  }> &
  Pick<FeatureOptions, "reportBatch" | "reportCache"> &
  Omit<ReferenceOptions, "backlog">;

type EncoderSettingName =
  | ("executionProviders" | "precision" | "halfPrecision" | "fallback")
  | ("encoderWorkers" | "encoderThreads" | "optimizeFor" | "gpuDevices" | "gpuMaxConcurrentJobs" | "gpuVramLimitMb");

/** Everything that looks at pictures and knows of no catalog: decoders, encoder, their queues, and what is kept of pictures. */
export type Sight = Readonly<{
  decoder: ImageDecoder;
  encoder: ServingEncoder;
  features: Features;
  fetchImage: References["fetchImage"];
  /**
   * For one more artifact, with these files of its encoder; null where they are other ones, or where this sight is no longer
   * as good as it should be and had better be opened anew.
   */
  shareWith: (files: EncoderFiles) => Sight | null;
  /** Ends it when nobody shares it any more. Idempotent. */
  close: () => Promise<void>;
}>;

type Closable = Readonly<{ close: () => Promise<void> }>;
type Parts = Pick<Sight, "decoder" | "encoder" | "features" | "fetchImage">;

/** Opens decoders and encoder. @throws Error for the operator, with one line, when the machine is not fit for them. */
export async function openSight(files: EncoderFiles, options: SightOptions): Promise<Sight> {
  const opened: Closable[] = [];
  const end = async () => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  // Files of those who share it: a worker that replaces another reads its model where the latest of them has it.
  const sharers: EncoderFiles[] = [files];
  try {
    const parts = await openParts(toMovable(sharers), options, (part) => opened.push(part));
    const share = (own: EncoderFiles): Sight => ({
      ...parts,
      shareWith: (next) => {
        if (opened.length === 0 || !isSame(own, next) || !isSound(parts)) return null;
        sharers.push(next);
        return share(next);
      },
      close: async () => {
        const place = sharers.indexOf(own);
        if (place < 0) return;
        if (sharers.length === 1) return end();
        sharers.splice(place, 1);
      },
    });
    return share(files);
  } catch (error) {
    await end();
    throw error;
  }
}

/** One encoder in two places: whatever decides an embedding, its name, its probes and its gates are the same. */
function isSame(one: EncoderFiles, other: EncoderFiles): boolean {
  return one.digest === other.digest && JSON.stringify(one.manifest) === JSON.stringify(other.manifest);
}

function isSound({ encoder, decoder }: Parts): boolean {
  return !encoder.isGone() && !encoder.state().degraded && !decoder.isExhausted();
}

function toMovable(sharers: readonly EncoderFiles[]): EncoderFiles {
  const [files] = sharers as readonly [EncoderFiles];
  const [first, ...rest] = files.models.map(
    (model, at): ModelOnDisk => ({
      ...model,
      get file() {
        return sharers.at(-1)!.models[at]!.file;
      },
    }),
  );
  return { ...files, models: [first!, ...rest] };
}

/** Every part that was opened is told to `keep`, also when a later one fails. */
async function openParts(files: EncoderFiles, options: SightOptions, keep: (part: Closable) => void): Promise<Parts> {
  const decoderWorkers =
    options.decoderWorkers === "auto" ? Math.ceil(availableParallelism() / 2) : options.decoderWorkers;
  const decoder = createImageDecoder({
    workers: decoderWorkers,
    maxPixels: options.maxPixels,
    downscaleMax: options.downscaleMax,
    report: (lost) => options.report?.("decoder", lost),
  });
  keep(decoder);
  const encoder = await openBeside(decoder, () => openEncoder(files, options));
  keep(encoder);
  const maxPixelsAtOnce = options.maxInFlightPixels === "auto" ? 4 * options.maxPixels : options.maxInFlightPixels;
  const features = openFeatures({ ...options, decoder, decoderWorkers, encoder, maxPixelsAtOnce });
  keep(features);
  const references = await openReferences({ ...options, backlog: features.backlog });
  keep(references);
  return { decoder, encoder, features, fetchImage: references.fetchImage };
}

/** Loads the encoder while the decoders start. One that has opened is closed again when the decoders fail. */
async function openBeside(decoder: ImageDecoder, open: () => Promise<ServingEncoder>): Promise<ServingEncoder> {
  const [encoder, started] = await Promise.allSettled([open(), decoder.started()]);
  if (encoder.status === "rejected") throw encoder.reason;
  if (started.status === "fulfilled") return encoder.value;
  await encoder.value.close();
  throw started.reason;
}

async function openEncoder(files: EncoderFiles, options: SightOptions): Promise<ServingEncoder> {
  const { executionProviders, gpuDevices } = options;
  const readGpuStats = createNvidiaSmi({ now });
  const wantsGpu = executionProviders === "auto" || executionProviders.some((provider) => provider !== "cpu");
  const devices = gpuDevices !== "auto" ? gpuDevices : wantsGpu ? countGpus(await readGpuStats()) : 1;
  return openServingEncoder({
    folder: files.folder,
    files,
    providers: options.executionProviders,
    precision: options.precision,
    half: options.halfPrecision,
    workers: options.encoderWorkers,
    threads: options.encoderThreads,
    gpu: { jobs: options.gpuMaxConcurrentJobs, vramMib: options.gpuVramLimitMb, devices },
    readGpuStats,
    goal: options.optimizeFor,
    policy: options.fallback,
    now,
    report: (lost) => options.report?.("encoder", lost),
    reportFailure: (failure) => options.reportFailure?.(failure),
  });
}
