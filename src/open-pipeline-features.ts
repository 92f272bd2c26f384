import { toFeatureKey } from "./adapters/fingerprint.js";
import type { ImageDecoder } from "./adapters/image-decoder.js";
import { createLruStore } from "./adapters/lru-store.js";
import type { ServerConfig } from "./config.js";
import type { ModelInput } from "./domain/clip-input.js";
import { declaredPixels } from "./domain/declared-pixels.js";
import type { Embedding } from "./domain/embedding.js";
import { ServiceError } from "./domain/errors.js";
import type { ServingEncoder } from "./open-pipeline-encoder.js";
import type { DecodedImage, DecodeWants, ImageFeatures, PipelineParts } from "./pipeline.js";
import { type Backlog, toBacklog, toOverloaded } from "./serving/backlog.js";
import { type BatchReport, createBatcher, type Load, type Settled } from "./serving/batcher.js";
import { createBudget } from "./serving/budget.js";
import { now } from "./serving/clock.js";
import { type CacheOutcome, createFeatureCache, type Entry } from "./serving/feature-cache.js";

export type Stage = "decode" | "encode";

export type FeatureOptions = Readonly<{
  decoder: ImageDecoder;
  decoderWorkers: number;
  encoder: ServingEncoder;
  /** Of pictures waiting for a decoder or in one. */
  maxPixelsAtOnce: number;
  reportBatch?: (stage: Stage, batch: BatchReport) => void;
  reportCache?: (outcome: CacheOutcome) => void;
}> &
  Pick<ServerConfig, "maxPixels" | "maxBatch" | "cacheEntries" | "cacheBytes" | "cacheTtlMs">;

/** How a picture comes to its features: through the cache, or past the pixels' budget, the decoders and the encoder. */
export type Features = Pick<PipelineParts, "keyOf" | "features" | "admitPixels" | "decodeImage" | "encode"> &
  Readonly<{
    load: () => Readonly<Record<Stage, Load>>;
    backlog: () => Backlog;
    cached: () => Readonly<{ entries: number; bytes: number }>;
    /** Takes no more pictures; resolves when those on their way are done. */
    close: () => Promise<void>;
  }>;

type DecodeWork = Readonly<{ bytes: Uint8Array; wants: DecodeWants }>;

export function openFeatures(options: FeatureOptions): Features {
  const { encoder, maxPixelsAtOnce, maxPixels, cacheTtlMs: ttlMs, reportCache } = options;
  const decodes = createDecodes(options);
  const encodes = createEncodes(options);
  const load = () => ({ decode: decodes.load(), encode: encodes.load() });
  const backlog = () => toBacklog([decodes.load(), encodes.load()]);
  const store = createLruStore<Entry<ImageFeatures>>({ entries: options.cacheEntries, bytes: options.cacheBytes, now });
  const pixels = createBudget(maxPixelsAtOnce, () => toOverloaded({ limit_pixels: maxPixelsAtOnce }, backlog()));
  return {
    keyOf: (bytes, { preprocess, meanColor }) =>
      toFeatureKey(bytes, [encoder.digest(), preprocess, meanColor ? "with mean color" : "palette alone"]),
    features: createFeatureCache({
      ...{ store, ttlMs, bytesOf },
      ...(reportCache === undefined ? {} : { report: reportCache }),
    }),
    admitPixels: async (bytes, signal, urgency) => {
      const amount = pixelsToDecode(bytes, maxPixels);
      const hold = urgency === "batch" ? await pixels.wait(amount, signal) : pixels.take(amount);
      return hold.giveBack;
    },
    decodeImage: (bytes, wants, signal, urgency) => decodes.submit({ bytes, wants }, signal, urgency),
    encode: (input, signal, urgency) => encodes.submit(input, signal, urgency),
    ...{ load, backlog },
    cached: () => ({ entries: store.entries(), bytes: store.bytes() }),
    close: async () => {
      await decodes.close();
      await encodes.close();
    },
  };
}

/** One picture a decoder: what is gained is the order of those who wait, and the measure of how long they do. */
function createDecodes({ decoder, decoderWorkers, reportBatch }: FeatureOptions) {
  return createBatcher<DecodeWork, DecodedImage>({
    run: async (works) =>
      Promise.all(works.map(async ({ bytes, wants }) => ({ value: await decoder.decode(bytes, wants) }))),
    maxBatch: () => 1,
    lanes: () => decoderWorkers,
    now,
    report: (batch) => reportBatch?.("decode", batch),
  });
}

function createEncodes({ encoder, maxBatch, reportBatch }: FeatureOptions) {
  return createBatcher<ModelInput, Embedding>({
    run: async (inputs) => (await encoder.encodeAll(inputs)).map(toSettled),
    // Pictures that may not share a run are better spread over the lanes than queued in one of them.
    maxBatch: () => (encoder.sharesRuns() ? Math.min(maxBatch, encoder.batchCeiling()) : 1),
    lanes: encoder.workers,
    now,
    report: (batch) => reportBatch?.("encode", batch),
  });
}

function toSettled(encoded: Embedding | ServiceError): Settled<Embedding> {
  return encoded instanceof ServiceError ? { error: encoded } : { value: encoded };
}

/** What a decoder will refuse by its header costs it nothing; what the header does not show may be the largest there is. */
function pixelsToDecode(bytes: Uint8Array, maxPixels: number): number {
  const declared = declaredPixels(bytes) ?? maxPixels;
  return declared > maxPixels ? 0 : declared;
}

/** The vector, and a few numbers for each color. */
function bytesOf({ embedding, palette }: ImageFeatures): number {
  return embedding.byteLength + 200 * (palette.length + 1);
}
