import { stringify } from "yaml";
import type { Parsed } from "../../src/domain/parsed.js";
import { createFlagReader, type Flags } from "../spec-flags.js";
import { usualLimits } from "./alarm-limits.js";

/** What the alerts hold the server to. */
export type ServerLimits = Readonly<{
  p99Ms: number;
  errorPercent: number;
  /** Memory that a server may have; null leaves that alert out, for the server does not know it. */
  memoryBytes: number | null;
}>;

type Rule = Readonly<{
  alert: string;
  expr: string;
  for: string;
  labels: Readonly<{ severity: "page" | "ticket" | "scale" }>;
  annotations: Readonly<{ summary: string; description: string }>;
}>;

/** The guide's figures: above 200 ms at the 95th percentile add, below half of a GPU take away, memory below 90 %. */
const upP95Ms = 200;
const downP95Ms = 120;
const downGpuShare = 0.5;
const fullShare = 0.9;

/** Prometheus alert rules for our own `/metrics`, as YAML; `job` is what Prometheus calls the servers. */
export function toPrometheusRules(job: string, limits: ServerLimits): string {
  const groups = [
    { name: "stygig-requests", rules: requestRules(job, limits) },
    { name: "stygig-server", rules: serverRules(job, limits) },
    { name: "stygig-scaling", rules: scalingRules(job) },
  ];
  return stringify({ groups }, { lineWidth: 0 });
}

/** The flags of servers that Prometheus scrapes, wherever they run; GPUs are told by --gpus. */
export function parseServerWatch(flags: Flags): Parsed<Readonly<{ job: string; limits: ServerLimits }>> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const gpus = reader.wholeNumber("gpus", 0, { min: 0, max: 64 });
  const usual = usualLimits({ gpus, isServerless: false });
  const memoryMib = reader.wholeNumber("memory-mib", 0, { min: 1, max: 99_999_999 });
  const limits: ServerLimits = {
    p99Ms: reader.rate("p99-ms", 3_600_000) ?? usual.p99Ms,
    errorPercent: reader.rate("error-percent", 100) ?? usual.errorPercent,
    memoryBytes: memoryMib === 0 ? null : memoryMib * 2 ** 20,
  };
  const job = reader.matching("job", reader.text("job") ?? "stygig", /^[\w.:/-]{1,200}$/, "a scrape job's name");
  const [first, ...rest] = problems;
  return first === undefined ? { value: { job, limits } } : { problems: [first, ...rest] };
}

function requestRules(job: string, { p99Ms, errorPercent }: ServerLimits): readonly Rule[] {
  const invocations = `job="${job}", route="/invocations"`;
  const rate = (more: string) => `sum(rate(stygig_requests_total{${invocations}${more}}[5m]))`;
  return [
    rule("StygigErrors", {
      expr: `100 * ${rate(', status=~"5.."')} / ${rate("")} > ${errorPercent}`,
      ...{ lasts: "3m", severity: "page" },
      summary: `More than ${errorPercent} % of requests fail`,
      description: "{{ $value | humanize }} % of requests end with a 5xx; stygig_requests_total has their codes.",
    }),
    rule("StygigSlow", {
      expr: `${quantile(0.99, invocations)} > ${p99Ms / 1000}`,
      ...{ lasts: "5m", severity: "page" },
      summary: `p99 above ${p99Ms} ms`,
      description:
        "One request in a hundred takes {{ $value | humanizeDuration }}; stygig_stage_duration_seconds says where.",
    }),
    rule("StygigOverloaded", {
      expr: `${rate(', code="overloaded"')} / ${rate("")} > 0.05`,
      ...{ lasts: "5m", severity: "ticket" },
      summary: "More than 5 % of requests are turned away",
      description:
        "The gate is full for {{ $value | humanizePercentage }} of requests: more instances, or larger limits.",
    }),
    rule("StygigRecordsFail", {
      expr: `sum by (job) (rate(stygig_records_total{job="${job}", code!="ok"}[15m])) / sum by (job) (rate(stygig_records_total{job="${job}"}[15m])) > 0.1`,
      ...{ lasts: "15m", severity: "ticket" },
      summary: "More than 10 % of the records of batches fail",
      description: "{{ $value | humanizePercentage }} of records have an error in their place; their status is a 200.",
    }),
  ];
}

function serverRules(job: string, { memoryBytes }: ServerLimits): readonly Rule[] {
  const of = `{job="${job}"}`;
  const memory = rule("StygigMemory", {
    expr: `stygig_resident_memory_bytes${of} / ${memoryBytes} > ${fullShare}`,
    ...{ lasts: "5m", severity: "page" },
    summary: "Memory is nearly full",
    description: "{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory; beyond it it is killed.",
  });
  return [
    rule("StygigDown", {
      expr: `up${of} == 0`,
      ...{ lasts: "2m", severity: "page" },
      summary: "A server does not answer",
      description: "{{ $labels.instance }} cannot be scraped.",
    }),
    rule("StygigNotReady", {
      expr: `stygig_ready${of} == 0`,
      // Loading takes seconds, a large model on a slow disk minutes.
      ...{ lasts: "10m", severity: "page" },
      summary: "A server is not ready",
      description: "{{ $labels.instance }} answers /ping with 503; /health says why.",
    }),
    rule("StygigDegraded", {
      expr: `stygig_encoder_degraded${of} == 1`,
      ...{ lasts: "1m", severity: "ticket" },
      summary: "A server encodes in a lesser way",
      description:
        "A better way to encode failed on {{ $labels.instance }}; stygig_encoder_rung says what is used now.",
    }),
    rule("StygigWorkersLost", {
      expr: hasGrown(`stygig_workers_lost_total${of}`),
      ...{ lasts: "0m", severity: "ticket" },
      summary: "A worker thread died",
      description: "The {{ $labels.pool }} pool of {{ $labels.instance }} lost {{ $value | humanize }} in 15 minutes.",
    }),
    rule("StygigDeviceErrors", {
      expr: hasGrown(`stygig_device_errors_total${of}`),
      ...{ lasts: "0m", severity: "ticket" },
      summary: "The device failed encoder runs",
      description: "{{ $value | humanize }} runs on {{ $labels.instance }} in 15 minutes; {{ $labels.outcome }}.",
    }),
    rule("StygigEventLoopLate", {
      expr: `stygig_event_loop_delay_p99_seconds${of} > 0.5`,
      // The platform waits 2 s for /ping.
      ...{ lasts: "5m", severity: "ticket" },
      summary: "The main thread is late",
      description:
        "{{ $labels.instance }} comes {{ $value | humanizeDuration }} late to its work; /ping must answer in 2 s.",
    }),
    rule("StygigGpuMemory", {
      // In use by everybody on the card, as the driver counts it; each of both sides has a kind of its own.
      expr: `stygig_gpu_memory_bytes{job="${job}", kind="reserved"} / ignoring(kind) stygig_gpu_memory_bytes{job="${job}", kind="total"} > ${fullShare}`,
      ...{ lasts: "5m", severity: "ticket" },
      summary: "GPU memory is nearly full",
      description: "GPU {{ $labels.device }} of {{ $labels.instance }} is {{ $value | humanizePercentage }} full.",
    }),
    ...(memoryBytes === null ? [] : [memory]),
  ];
}

/** Up and down have limits and times of their own, so that they do not take turns. */
function scalingRules(job: string): readonly Rule[] {
  const p95 = quantile(0.95, `job="${job}", route="/invocations"`);
  const gpu = `avg(stygig_gpu_utilization_ratio{job="${job}"}) < ${downGpuShare}`;
  // Without requests the percentile is not a number, and so is every comparison with it: calm is what is not slow.
  const calm = `${gpu} unless ${p95} >= ${downP95Ms / 1000}`;
  return [
    rule("StygigScaleUp", {
      expr: `${p95} > ${upP95Ms / 1000}`,
      ...{ lasts: "3m", severity: "scale" },
      summary: `p95 above ${upP95Ms} ms: add instances`,
      description: "p95 is {{ $value | humanizeDuration }}.",
    }),
    rule("StygigScaleDown", {
      expr: calm,
      ...{ lasts: "15m", severity: "scale" },
      summary: "GPUs are idle: take instances away",
      description: `They are {{ $value | humanizePercentage }} busy, and p95 is below ${downP95Ms} ms.`,
    }),
  ];
}

/** A counter begins at its first event, with 1, which is no increase: one that was not there before has grown, too. */
function hasGrown(counter: string): string {
  return `increase(${counter}[15m]) > 0 or (${counter} unless ${counter} offset 15m)`;
}

function quantile(which: number, selector: string): string {
  return `histogram_quantile(${which}, sum by (le) (rate(stygig_request_duration_seconds_bucket{${selector}}[5m])))`;
}

type Facts = Readonly<{
  expr: string;
  lasts: string;
  severity: Rule["labels"]["severity"];
  summary: string;
  description: string;
}>;

function rule(alert: string, { expr, lasts, severity, summary, description }: Facts): Rule {
  return { alert, expr, for: lasts, labels: { severity }, annotations: { summary, description } };
}
