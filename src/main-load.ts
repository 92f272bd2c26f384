import type { ServerConfig } from "./config.js";
import { toEncoderFields } from "./http/health.js";
import { reportWork } from "./main-work.js";
import { type OpenPipeline, openPipeline, type PipelineOptions } from "./open-pipeline.js";
import type { DeviceFailure } from "./open-pipeline-encoder.js";
import type { Log } from "./serving/log.js";
import type { Metrics } from "./serving/metrics.js";

export type LoadParts = Readonly<{
  config: ServerConfig;
  log: Log;
  metrics: Metrics;
  /** Told of each worker lost and each device error, once it is logged and counted. */
  noticeFailure: (failure: DeviceFailure | null) => void;
}>;

/** How the encoder was set up, where that need not be found out again. */
export type KnownSetting = Partial<Pick<ServerConfig, "encoderWorkers" | "encoderThreads">>;

/**
 * The artifact in a folder, verified, proven and warmed up; beside one that is served, if any, whose encoder it may share.
 * @throws Error with one line when it cannot be served.
 */
export async function loadPipeline(
  parts: LoadParts,
  artifactFolder: string,
  known: KnownSetting = {},
  beside?: OpenPipeline,
): Promise<OpenPipeline> {
  const { config, log, metrics, noticeFailure } = parts;
  const options: PipelineOptions = {
    ...config,
    ...known,
    artifactFolder,
    ...reportWork(metrics),
    report: (pool, { reason, wasBusy, restartsLeft }) => {
      metrics.count("stygig_workers_lost_total", { pool });
      log.warn("worker_lost", { pool, reason, was_busy: wasBusy, restarts_left: restartsLeft });
      noticeFailure(null);
    },
    reportFailure: (failure) => {
      const { outcome, rung, next, reason } = failure;
      metrics.count("stygig_device_errors_total", { outcome });
      log.warn("device_failed", { outcome, rung, next, reason: toLine(reason) });
      noticeFailure(failure);
    },
  };
  const pipeline = await openPipeline(options, beside);
  logLoaded(pipeline, log);
  try {
    if (config.warmModel) await pipeline.warmUp();
  } catch (error) {
    await pipeline.close();
    throw new Error(`the warm-up failed: ${toLine(error)}`, { cause: error });
  }
  return pipeline;
}

/** On one line, for the log and the terminal. */
export function toLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
}

function logLoaded({ facts, notes, lanes }: OpenPipeline, log: Log): void {
  const { catalogDigest, items, index, encoder, preprocess, rules } = facts;
  const labels = { catalog_digest: catalogDigest, index, encoder, preprocess, rules: rules.name };
  const state = facts.encoderState();
  log.info("artifact_loaded", { ...labels, provider: state.provider, precision: state.precision, items, lanes });
  log.info("encoder_opened", toEncoderFields(state));
  for (const note of notes) log.warn("part_refused", { note });
}
