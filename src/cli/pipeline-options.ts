import { settings } from "../config.js";
import type { PipelineOptions } from "../open-pipeline.js";

/** How a command opens an artifact: as the server would by default, for one caller at a time. */
export function toPipelineOptions(artifactFolder: string, workers: number): PipelineOptions {
  return {
    artifactFolder,
    index: settings.index.usual,
    executionProviders: ["cpu"],
    precision: settings.precision.usual,
    halfPrecision: settings.halfPrecision.usual,
    fallback: settings.fallback.usual,
    optimizeFor: settings.optimizeFor.usual,
    encoderWorkers: workers,
    encoderThreads: 1,
    decoderWorkers: workers,
    maxPixels: settings.maxPixels.usual,
    gpuDevices: 1,
    gpuMaxConcurrentJobs: settings.gpuMaxConcurrentJobs.usual,
    gpuVramLimitMb: settings.gpuVramLimitMb.usual,
    downscaleMax: settings.downscaleMax.usual,
    maxInFlightPixels: settings.maxInFlightPixels.usual,
    allowedS3Prefixes: settings.allowedS3Prefixes.usual,
    allowedImageHosts: settings.allowedImageHosts.usual,
    maxReferenceBytes: settings.maxReferenceBytes.usual,
    referenceTimeoutMs: settings.referenceTimeoutMs.usual,
    maxBatch: settings.maxBatch.usual,
    // Each picture is seen once.
    cacheEntries: 0,
    cacheBytes: settings.cacheBytes.usual,
    cacheTtlMs: settings.cacheTtlMs.usual,
  };
}
