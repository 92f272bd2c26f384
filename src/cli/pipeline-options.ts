import { settings } from "../config.js";
import type { PipelineOptions } from "../open-pipeline.js";

/** How a command opens an artifact: as the server would by default, for one caller at a time. */
export function toPipelineOptions(artifactFolder: string, workers: number): PipelineOptions {
  return {
    artifactFolder,
    index: settings.index.usual,
    provider: settings.provider.usual,
    encoderWorkers: workers,
    encoderThreads: settings.encoderThreads.usual,
    decoderWorkers: workers,
    maxPixels: settings.maxPixels.usual,
  };
}
