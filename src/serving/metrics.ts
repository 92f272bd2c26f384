/** Upper bounds in seconds: from a cached answer to the platform's limit of a minute, and that of its queue, an hour. */
const durationBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3600] as const;
/** The same for one step: from ranking a small catalog to a decoder's limit. */
const stageBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

type MetricSpec = Readonly<{ help: string; labels: readonly string[] }> &
  (Readonly<{ kind: "counter" | "gauge" }> | Readonly<{ kind: "histogram"; buckets: readonly number[] }>);

/** Every metric of ours. The README table is checked against this object. */
export const metricCatalog = {
  stygig_requests_total: {
    kind: "counter",
    help: "Answered requests by route, status and error code; pings, scrapes and health checks are not counted.",
    labels: ["route", "status", "code"],
  },
  stygig_request_duration_seconds: {
    kind: "histogram",
    help: "Time from the request's head to the end of its answer, by route and error code.",
    labels: ["route", "code"],
    buckets: durationBuckets,
  },
  stygig_stage_duration_seconds: {
    kind: "histogram",
    help: "Time of one step of a recommendation: decode, encode, search or rank; waiting for a worker is part of it.",
    labels: ["stage"],
    buckets: stageBuckets,
  },
  stygig_fallbacks_total: {
    kind: "counter",
    help: "Outfits that no rule allowed, answered with the plain order instead, by reason.",
    labels: ["reason"],
  },
  stygig_records_total: {
    kind: "counter",
    help: "Answered records of JSON Lines and lists of instances, by error code.",
    labels: ["code"],
  },
  stygig_workers_lost_total: {
    kind: "counter",
    help: "Worker threads that died unasked, by pool: encoder or decoder.",
    labels: ["pool"],
  },
  stygig_device_errors_total: {
    kind: "counter",
    help: "Encoder runs that the device failed, by outcome: recovered, moved to the next rung, kept for want of one, gone.",
    labels: ["outcome"],
  },
  stygig_encoder_rung: {
    kind: "gauge",
    help: "1 for the provider and precision that encode, 0 for those that did before.",
    labels: ["provider", "precision"],
  },
  stygig_encoder_degraded: {
    kind: "gauge",
    help: "1 when a better way to encode failed, at the start or while serving, else 0.",
    labels: [],
  },
  stygig_requests_in_flight: { kind: "gauge", help: "Requests inside the gate right now.", labels: [] },
  stygig_requests_in_flight_bytes: {
    kind: "gauge",
    help: "Bytes of their bodies, as declared or arrived.",
    labels: [],
  },
  stygig_backlog_seconds: {
    kind: "gauge",
    help: "How long everything that waits or runs now will take, by measured throughput; what Retry-After says.",
    labels: [],
  },
  stygig_queue_depth: {
    kind: "gauge",
    help: "Pictures that wait for a worker, by stage: decode or encode.",
    labels: ["stage"],
  },
  stygig_queue_seconds: {
    kind: "histogram",
    help: "How long a picture waited for a worker, by stage: decode or encode.",
    labels: ["stage"],
    buckets: stageBuckets,
  },
  stygig_batch_pictures: {
    kind: "histogram",
    help: "Pictures in one run of the encoder.",
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  stygig_batches_failed_total: {
    kind: "counter",
    help: "Runs that failed as a whole, by stage: decode, where a picture is a run, or encode.",
    labels: ["stage"],
  },
  stygig_cache_requests_total: {
    kind: "counter",
    help: "Pictures asked of the cache by outcome: hit, miss, or joined to a miss under way.",
    labels: ["outcome"],
  },
  stygig_cache_entries: { kind: "gauge", help: "Pictures whose features are kept.", labels: [] },
  stygig_cache_bytes: { kind: "gauge", help: "Memory they take, by estimate.", labels: [] },
  stygig_ready: { kind: "gauge", help: "1 when /ping answers 200, else 0.", labels: [] },
  stygig_workers: {
    kind: "gauge",
    help: "Worker threads ready for work, busy ones included, by pool: encoder or decoder.",
    labels: ["pool"],
  },
  stygig_event_loop_delay_p50_seconds: {
    kind: "gauge",
    help: "How late the main thread comes to its work: the median of this minute or the last, the worse one.",
    labels: [],
  },
  stygig_event_loop_delay_p99_seconds: {
    kind: "gauge",
    help: "The same, at the 99th percentile.",
    labels: [],
  },
  stygig_event_loop_delay_max_seconds: { kind: "gauge", help: "The same, at its worst.", labels: [] },
  stygig_resident_memory_bytes: { kind: "gauge", help: "Memory of the process that is in RAM right now.", labels: [] },
  stygig_gpu_memory_bytes: {
    kind: "gauge",
    help: "Memory of each GPU, as /gpu/stats has it: allocated, reserved (with the driver's own share), or total.",
    labels: ["device", "kind"],
  },
  stygig_gpu_utilization_ratio: {
    kind: "gauge",
    help: "Part of the last moments in which the GPU was at work, in [0, 1].",
    labels: ["device"],
  },
  stygig_reloads_total: {
    kind: "counter",
    help: "Reloads of the artifact by outcome: reloaded, or kept when the new one could not serve.",
    labels: ["outcome"],
  },
  stygig_generations_open: {
    kind: "gauge",
    help: "Artifacts in memory: 2 while one is put in another's place, 1 again once the last request has left it.",
    labels: [],
  },
  stygig_served_info: {
    kind: "gauge",
    help: "Always 1: what is served, with which model, and by which index.",
    labels: ["catalog_digest", "model_digest", "index", "encoder", "preprocess", "rules"],
  },
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof metricCatalog;
type NamesOf<Kind extends string> = {
  [Name in MetricName]: (typeof metricCatalog)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];
type Labels<Name extends MetricName> = Readonly<Record<(typeof metricCatalog)[Name]["labels"][number], string>>;

/** Where measurements go. */
export type Metrics = Readonly<{
  count: <Name extends NamesOf<"counter">>(name: Name, labels: Labels<Name>) => void;
  observe: <Name extends NamesOf<"histogram">>(name: Name, labels: Labels<Name>, seconds: number) => void;
  set: <Name extends NamesOf<"gauge">>(name: Name, labels: Labels<Name>, value: number) => void;
  /** All series of a gauge at once, in the place of those before. */
  replace: <Name extends NamesOf<"gauge">>(name: Name, series: readonly (readonly [Labels<Name>, number])[]) => void;
  /** Asked for the gauge's value at each scrape. */
  watch: <Name extends NamesOf<"gauge">>(name: Name, read: () => number, labels?: Labels<Name>) => void;
  /** Everything measured so far, in the Prometheus text format. */
  page: () => Promise<Readonly<{ contentType: string; text: string }>>;
}>;
