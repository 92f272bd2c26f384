import type { Recommendation, StageTimes } from "../pipeline.js";
import type { LogFields } from "../serving/log.js";
import type { Metrics } from "../serving/metrics.js";

const stages = {
  fetch: "fetchMs",
  decode: "decodeMs",
  encode: "encodeMs",
  search: "searchMs",
  rank: "rankMs",
} as const;

/** Observes what each step of an answer took, and counts an outfit that no rule allowed. */
export function measureStages(metrics: Metrics, { times, ranking }: Recommendation): void {
  for (const [stage, field] of Object.entries(stages)) {
    const ms = times[field];
    if (ms !== null) metrics.observe("stygig_stage_duration_seconds", { stage }, ms / 1000);
  }
  if (ranking !== null && ranking.fallback !== null) {
    metrics.count("stygig_fallbacks_total", { reason: ranking.fallback });
  }
}

/** For the log: milliseconds with one decimal. */
export function toStageFields(times: StageTimes): LogFields {
  const entries = Object.entries(stages).map(([stage, field]) => [`${stage}_ms`, times[field]] as const);
  return Object.fromEntries(entries.map(([name, ms]) => [name, ms === null ? null : Math.round(ms * 10) / 10]));
}
