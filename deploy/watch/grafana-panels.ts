/** Grafana's own names of units. */
export type GrafanaUnit = "reqps" | "s" | "short" | "percentunit" | "bytes";

/** One graph: each line has its legend and its PromQL. */
export type PanelFacts = Readonly<{
  title: string;
  description: string;
  unit: GrafanaUnit;
  lines: readonly (readonly [legend: string, promql: string])[];
}>;

/** The servers that are looked at; Grafana fills in the names. */
const servers = 'job="$job", instance=~"$instance"';
const invocations = `${servers}, route="/invocations"`;

function rate(metric: string, selector = servers): string {
  return `rate(${metric}{${selector}}[$__rate_interval])`;
}

function quantile(which: number, metric: string, by: string, selector = servers): string {
  return `histogram_quantile(${which}, sum by (${by}) (${rate(`${metric}_bucket`, selector)}))`;
}

function mean(metric: string): string {
  return `sum(${rate(`${metric}_sum`)}) / sum(${rate(`${metric}_count`)})`;
}

const requestSeconds = "stygig_request_duration_seconds";
const stageSeconds = "stygig_stage_duration_seconds";

/** From what callers feel down to what the machine does. */
export const grafanaPanels: readonly PanelFacts[] = [
  {
    title: "Requests",
    description: "By status and error code.",
    unit: "reqps",
    lines: [["{{status}} {{code}}", `sum by (status, code) (${rate("stygig_requests_total", invocations)})`]],
  },
  {
    title: "Latency",
    description: "From a request's head to the end of its answer.",
    unit: "s",
    lines: [0.5, 0.95, 0.99].map(
      (each) => [`p${each * 100}`, quantile(each, requestSeconds, "le", invocations)] as const,
    ),
  },
  {
    title: "Steps, p95",
    description: "Decode, encode, search and rank, with their waiting.",
    unit: "s",
    lines: [["{{stage}}", quantile(0.95, stageSeconds, "le, stage")]],
  },
  {
    title: "Waiting for a worker, p95",
    description: "Part of a step's time in which nothing was done.",
    unit: "s",
    lines: [
      ["{{stage}}", quantile(0.95, "stygig_queue_seconds", "le, stage")],
      ["backlog {{instance}}", `stygig_backlog_seconds{${servers}}`],
    ],
  },
  {
    title: "Work in progress",
    description: "Requests inside the gate, pictures that wait.",
    unit: "short",
    lines: [
      ["in flight {{instance}}", `stygig_requests_in_flight{${servers}}`],
      ["{{stage}} queue {{instance}}", `stygig_queue_depth{${servers}}`],
    ],
  },
  {
    title: "Pictures in a batch",
    description: "The mean of the encoder's runs: near 1 when idle, near the limit under load.",
    unit: "short",
    lines: [["mean", mean("stygig_batch_pictures")]],
  },
  {
    title: "Cache",
    description: "Pictures that were known or under way already.",
    unit: "percentunit",
    lines: [
      [
        "known",
        `sum(${rate("stygig_cache_requests_total", `${servers}, outcome!="miss"`)}) / sum(${rate("stygig_cache_requests_total")})`,
      ],
    ],
  },
  {
    title: "Records of batches",
    description: "By error code; ok are those with an answer.",
    unit: "reqps",
    lines: [
      ["{{code}}", `sum by (code) (${rate("stygig_records_total")})`],
      ["fallback: {{reason}}", `sum by (reason) (${rate("stygig_fallbacks_total")})`],
    ],
  },
  {
    title: "Memory",
    description: "Of the process, of its cache, and of each GPU.",
    unit: "bytes",
    lines: [
      ["process {{instance}}", `stygig_resident_memory_bytes{${servers}}`],
      ["cache {{instance}}", `stygig_cache_bytes{${servers}}`],
      ["GPU {{device}} {{kind}}", `stygig_gpu_memory_bytes{${servers}}`],
    ],
  },
  {
    title: "GPU",
    description: "Part of the time in which it was at work.",
    unit: "percentunit",
    lines: [["GPU {{device}} {{instance}}", `stygig_gpu_utilization_ratio{${servers}}`]],
  },
  {
    title: "Main thread",
    description: "How late it comes to its work; /ping must answer within 2 s.",
    unit: "s",
    lines: [
      ["p50 {{instance}}", `stygig_event_loop_delay_p50_seconds{${servers}}`],
      ["p99 {{instance}}", `stygig_event_loop_delay_p99_seconds{${servers}}`],
      ["worst {{instance}}", `stygig_event_loop_delay_max_seconds{${servers}}`],
    ],
  },
  {
    title: "Health",
    description: "Ready and degraded are 0 or 1; workers lost and runs failed by the device are counts.",
    unit: "short",
    lines: [
      ["ready {{instance}}", `stygig_ready{${servers}}`],
      ["degraded {{instance}}", `stygig_encoder_degraded{${servers}}`],
      ["{{provider}} {{precision}}", `sum by (provider, precision) (stygig_encoder_rung{${servers}})`],
      ["{{pool}} lost", `sum by (pool) (increase(stygig_workers_lost_total{${servers}}[$__rate_interval]))`],
      ["{{outcome}}", `sum by (outcome) (increase(stygig_device_errors_total{${servers}}[$__rate_interval]))`],
    ],
  },
];
