import type * as source from "../../src/open-pipeline.js";

// Threads run compiled code, and the decoder and encoder find their scripts beside themselves: `npm test` compiles first.
const compiled = new URL("../../dist/src/open-pipeline.js", import.meta.url);

/** `openPipeline` as it is run. */
export const { openPipeline } = (await import(compiled.href)) as typeof source;

/** How a small artifact is opened; all but its folder. */
export const pipelineOptions = {
  index: "auto",
  executionProviders: ["cpu"],
  ...({ precision: "auto", halfPrecision: false, fallback: "next", optimizeFor: "throughput" } as const),
  encoderWorkers: 1,
  encoderThreads: 1,
  decoderWorkers: 1,
  maxPixels: 1_000_000,
  downscaleMax: null,
  gpuDevices: 1,
  gpuMaxConcurrentJobs: 1,
  gpuVramLimitMb: null,
  maxInFlightPixels: "auto",
  ...{ maxBatch: 4, cacheEntries: 10, cacheBytes: 1_000_000, cacheTtlMs: 60_000 },
  ...{ allowedS3Prefixes: null, allowedImageHosts: null, maxReferenceBytes: 1024, referenceTimeoutMs: 10 },
} as const;
