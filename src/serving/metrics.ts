/** Upper bounds in seconds: from a cached answer to the platform's limit of a minute. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

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
    help: "Time from the request's head to the end of its answer.",
    labels: ["route"],
    buckets: durationBuckets,
  },
  stygig_stage_duration_seconds: {
    kind: "histogram",
    help: "Time of one step of a recommendation: decode, encode, search or rank; waiting for a worker is part of it.",
    labels: ["stage"],
    buckets: durationBuckets,
  },
  stygig_fallbacks_total: {
    kind: "counter",
    help: "Outfits that no rule allowed, answered with the plain order instead, by reason.",
    labels: ["reason"],
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
  stygig_ready: { kind: "gauge", help: "1 when /ping answers 200, else 0.", labels: [] },
  stygig_served_info: {
    kind: "gauge",
    help: "Always 1: what is served, and by which index.",
    labels: ["catalog_digest", "index", "encoder", "preprocess", "rules"],
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
  /** Asked for the gauge's value at each scrape. */
  watch: (name: NamesOf<"gauge">, read: () => number) => void;
  /** Everything measured so far, in the Prometheus text format. */
  page: () => Promise<Readonly<{ contentType: string; text: string }>>;
}>;
