import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type MetricName, type Metrics, metricCatalog } from "../serving/metrics.js";

type Watched = Readonly<{ name: MetricName; labels: Readonly<Record<string, string>>; read: () => number }>;

/** Measurements in a registry of their own, so that two servers in one process do not mix theirs. */
export function createPrometheusMetrics(): Metrics {
  const registry = new Registry();
  const names = Object.keys(metricCatalog) as MetricName[];
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  const watched = new Map<string, Watched>();
  for (const name of names) {
    const spec = metricCatalog[name];
    const shared = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] };
    if (spec.kind === "counter") counters.set(name, new Counter(shared));
    else if (spec.kind === "gauge") gauges.set(name, new Gauge(shared));
    else histograms.set(name, new Histogram({ ...shared, buckets: [...spec.buckets] }));
  }
  collectDefaultMetrics({ register: registry });
  return {
    count: (name, labels) => counters.get(name)?.inc(labels),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    replace: (name, series) => {
      gauges.get(name)?.reset();
      for (const [labels, value] of series) gauges.get(name)?.set(labels, value);
    },
    watch: (name, read, labels) => {
      watched.set(JSON.stringify([name, labels]), { name, labels: labels ?? {}, read });
    },
    page: async () => {
      for (const { name, labels, read } of watched.values()) gauges.get(name)?.set(labels, read());
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
