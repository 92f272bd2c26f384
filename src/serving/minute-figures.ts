import type { MetricName, Metrics } from "./metrics.js";

/** One thing that was measured since the last time somebody asked; several values are a sample of all. */
export type Figure = Readonly<{
  name: string;
  unit: "Count" | "Milliseconds" | "Bytes" | "None";
  values: number | readonly number[];
}>;

/** Measurements that are kept as before, and summed up for whoever takes them every minute. */
export type MinuteFigures = Readonly<{
  metrics: Metrics;
  /** What came since the last time. Counts are there also when they are 0, so that an alarm has something to look at. */
  take: () => readonly Figure[];
}>;

type LabelValues = Readonly<Record<string, string>>;
type Rule = Readonly<{ metric: MetricName; counts: (labels: LabelValues) => boolean }>;

const always = () => true;
const isInvocation = ({ route }: LabelValues) => route === "/invocations";
const hasStatus = (first: string) => (labels: LabelValues) => isInvocation(labels) && labels.status?.[0] === first;
const hasCode = (code: string) => (labels: LabelValues) => isInvocation(labels) && labels.code === code;
const isStage = (stage: string) => (labels: LabelValues) => labels.stage === stage;

/** A handful on purpose: each costs its owner by the month, and /metrics has them all. */
const counters: Readonly<Record<string, Rule>> = {
  Requests: { metric: "stygig_requests_total", counts: isInvocation },
  ClientErrors: { metric: "stygig_requests_total", counts: hasStatus("4") },
  ServerErrors: { metric: "stygig_requests_total", counts: hasStatus("5") },
  Overloaded: { metric: "stygig_requests_total", counts: hasCode("overloaded") },
  CallersLeft: { metric: "stygig_requests_total", counts: hasCode("caller_left") },
  Fallbacks: { metric: "stygig_fallbacks_total", counts: always },
  CacheHits: { metric: "stygig_cache_requests_total", counts: ({ outcome }) => outcome !== "miss" },
  CacheMisses: { metric: "stygig_cache_requests_total", counts: ({ outcome }) => outcome === "miss" },
  WorkersLost: { metric: "stygig_workers_lost_total", counts: always },
  DeviceErrors: { metric: "stygig_device_errors_total", counts: always },
};
const durations: Readonly<Record<string, Rule>> = {
  Latency: { metric: "stygig_request_duration_seconds", counts: isInvocation },
  DecodeTime: { metric: "stygig_stage_duration_seconds", counts: isStage("decode") },
  EncodeTime: { metric: "stygig_stage_duration_seconds", counts: isStage("encode") },
  SearchTime: { metric: "stygig_stage_duration_seconds", counts: isStage("search") },
  RankTime: { metric: "stygig_stage_duration_seconds", counts: isStage("rank") },
};
type Gauge = Readonly<{ metric: MetricName; unit: Figure["unit"]; factor: number }>;
const gauges: Readonly<Record<string, Gauge>> = {
  Ready: { metric: "stygig_ready", unit: "None", factor: 1 },
  Backlog: { metric: "stygig_backlog_seconds", unit: "Milliseconds", factor: 1000 },
  RequestsInFlight: { metric: "stygig_requests_in_flight", unit: "Count", factor: 1 },
  EventLoopDelayP99: { metric: "stygig_event_loop_delay_p99_seconds", unit: "Milliseconds", factor: 1000 },
  ResidentMemory: { metric: "stygig_resident_memory_bytes", unit: "Bytes", factor: 1 },
};

/** Every name that a figure may have. */
export const figureNames: ReadonlySet<string> = new Set(
  [counters, durations, gauges].flatMap((rules) => Object.keys(rules)),
);

/** What one line of the embedded metric format holds of one metric. */
const maxValues = 100;

/** Passes everything on to `metrics`. */
export function collectFigures(metrics: Metrics): MinuteFigures {
  const counts = new Map<string, number>();
  const samples = new Map<string, Sample>();
  const reads = new Map<MetricName, () => number>();
  return {
    metrics: {
      ...metrics,
      count: (name, labels) => {
        metrics.count(name, labels);
        for (const figure of namesFor(counters, name, labels)) counts.set(figure, (counts.get(figure) ?? 0) + 1);
      },
      observe: (name, labels, seconds) => {
        metrics.observe(name, labels, seconds);
        for (const figure of namesFor(durations, name, labels)) addTo(samples, figure, seconds * 1000);
      },
      watch: (name, read, labels) => {
        metrics.watch(name, read, labels);
        reads.set(name, read);
      },
    },
    take: () => {
      const figures = [...toCounts(counts), ...toDurations(samples), ...toGauges(reads)];
      counts.clear();
      samples.clear();
      return figures;
    },
  };
}

function namesFor(rules: Readonly<Record<string, Rule>>, name: MetricName, labels: LabelValues): readonly string[] {
  return Object.keys(rules).filter((figure) => rules[figure]!.metric === name && rules[figure]!.counts(labels));
}

/** Every `stride`-th of the values that came; the stride doubles whenever they would become too many. */
type Sample = { values: number[]; stride: number; seen: number };

function addTo(samples: Map<string, Sample>, name: string, value: number): void {
  const sample = samples.get(name) ?? { values: [], stride: 1, seen: 0 };
  samples.set(name, sample);
  if (sample.seen++ % sample.stride !== 0) return;
  sample.values.push(value);
  if (sample.values.length <= maxValues) return;
  sample.values = sample.values.filter((_, place) => place % 2 === 0);
  sample.stride *= 2;
}

function toCounts(counts: ReadonlyMap<string, number>): readonly Figure[] {
  return Object.keys(counters).map((name) => ({ name, unit: "Count", values: counts.get(name) ?? 0 }));
}

function toDurations(samples: ReadonlyMap<string, Sample>): readonly Figure[] {
  return [...samples].map(([name, { values }]) => ({ name, unit: "Milliseconds", values }));
}

function toGauges(reads: ReadonlyMap<MetricName, () => number>): readonly Figure[] {
  return Object.entries(gauges).flatMap(([name, { metric, unit, factor }]) => {
    const value = reads.get(metric)?.();
    return value === undefined ? [] : [{ name, unit, values: value * factor }];
  });
}
