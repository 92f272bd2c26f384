import type { OpenPipeline } from "./open-pipeline.js";
import type { FeatureOptions } from "./open-pipeline-features.js";
import { noBacklog } from "./serving/backlog.js";
import type { Metrics } from "./serving/metrics.js";

/** What the pipeline tells of each batch and each question to the cache, as metrics. */
export function reportWork(metrics: Metrics): Required<Pick<FeatureOptions, "reportBatch" | "reportCache">> {
  return {
    reportBatch: (stage, { size, waitsMs, failed }) => {
      for (const waitMs of waitsMs) metrics.observe("stygig_queue_seconds", { stage }, waitMs / 1000);
      if (stage === "encode") metrics.observe("stygig_batch_pictures", {}, size);
      if (failed) metrics.count("stygig_batches_failed_total", { stage });
    },
    reportCache: (outcome) => metrics.count("stygig_cache_requests_total", { outcome }),
  };
}

/** What there is to do and what is kept, looked at when somebody asks. */
export function watchWork(metrics: Metrics, current: () => OpenPipeline | null): void {
  for (const stage of ["decode", "encode"] as const) {
    metrics.watch("stygig_queue_depth", () => current()?.load()[stage].waiting ?? 0, { stage });
  }
  for (const pool of ["decoder", "encoder"] as const) {
    metrics.watch("stygig_workers", () => current()?.alive[pool]() ?? 0, { pool });
  }
  metrics.watch("stygig_backlog_seconds", () => (current()?.backlog() ?? noBacklog).waitMs / 1000);
  metrics.watch("stygig_cache_entries", () => current()?.cached().entries ?? 0);
  metrics.watch("stygig_cache_bytes", () => current()?.cached().bytes ?? 0);
}
