import { namespaces } from "./alarm-call.js";
import type { AlarmLimits } from "./alarm-limits.js";
import type { Machine, WatchedEndpoint } from "./alarms.js";
import { type Line, toGraph, type Widget } from "./dashboard-widget.js";

/** Whose metrics, and where from. */
type Place = Readonly<{ endpointName: string; variant: string; region: string }>;
type Change = Pick<Line, "divideBy" | "multiplyBy">;

const microsecondsPerMs = 1000;
const usToMs: Change = { divideBy: microsecondsPerMs };

function lineOf({ endpointName, variant }: Place, metric: Omit<Line, "dimensions">): Line {
  return { ...metric, dimensions: { EndpointName: endpointName, VariantName: variant } };
}

function ofRequests(place: Place, name: string, statistic: string, label: string, change: Change = {}): Line {
  return lineOf(place, { namespace: namespaces.requests, name, statistic, label, ...change });
}

/** How many requests a minute came, and how many for each instance, by which the endpoint scales. */
export function requestWidget(place: Place): Widget {
  const lines = [
    ofRequests(place, "Invocations", "Sum", "all"),
    ofRequests(place, "InvocationsPerInstance", "Sum", "for each instance"),
  ];
  return toGraph({ title: `${place.variant}: requests`, unit: "a minute", region: place.region, lines });
}

/** What part of the requests failed, and through whose fault. */
export function failureWidget(place: Place, { errorPercent }: AlarmLimits): Widget {
  const lines = [
    ofRequests(place, "Invocation5XXErrors", "Average", "5xx: ours", { multiplyBy: 100 }),
    ofRequests(place, "Invocation4XXErrors", "Average", "4xx: the caller's", { multiplyBy: 100 }),
  ];
  const limits = [{ label: "alarm", value: errorPercent }];
  return toGraph({ title: `${place.variant}: failures`, unit: "% of requests", region: place.region, lines, limits });
}

/** How long requests took, published in microseconds, drawn in ms. */
export function latencyWidget(place: Place, { p99Ms }: AlarmLimits, hasOverhead: boolean): Widget {
  const lines = [
    ...["p50", "p90", "p95", "p99"].map((each) => ofRequests(place, "ModelLatency", each, each, usToMs)),
    ...(hasOverhead ? [ofRequests(place, "OverheadLatency", "p99", "overhead p99", usToMs)] : []),
  ];
  const limits = [{ label: "p99 alarm", value: p99Ms }];
  return toGraph({ title: `${place.variant}: latency`, unit: "ms", region: place.region, lines, limits });
}

/** How full the instances are, all as parts of the whole; a serverless endpoint tells of its memory alone. */
export function machineWidget(place: Place, machine: Machine | null, { memoryPercent }: AlarmLimits): Widget {
  const line = (name: string, statistic: string, label: string, divideBy?: number) =>
    lineOf(place, {
      ...{ namespace: namespaces.machines, name, statistic, label },
      ...(divideBy === undefined || divideBy === 1 ? {} : { divideBy }),
    });
  const { vcpus, gpus } = machine ?? { vcpus: 0, gpus: 0 };
  const lines = [
    line("MemoryUtilization", "Maximum", "memory"),
    ...(machine === null ? [] : [line("CPUUtilization", "Average", "CPU", vcpus)]),
    ...(machine === null ? [] : [line("DiskUtilization", "Maximum", "disk")]),
    ...(gpus === 0 ? [] : [line("GPUUtilization", "Average", "GPU", gpus)]),
    ...(gpus === 0 ? [] : [line("GPUMemoryUtilization", "Maximum", "GPU memory", gpus)]),
  ];
  const limits = [{ label: "memory alarm", value: memoryPercent }];
  return toGraph({ title: `${place.variant}: instances`, unit: "% in use", region: place.region, lines, limits });
}

/** How much of a serverless endpoint's concurrency is taken, and what its cold starts cost. */
export function concurrencyWidget(place: Place): Widget {
  const lines = [
    ofRequests(place, "ServerlessConcurrentExecutionsUtilization", "Maximum", "concurrency, %", { multiplyBy: 100 }),
    ofRequests(place, "ModelSetupTime", "Maximum", "longest cold start, s", { divideBy: 1_000_000 }),
  ];
  return toGraph({ title: `${place.variant}: concurrency`, unit: "% or s", region: place.region, lines });
}

/** An async endpoint's queue: how much waits, for how long, and what became of it. */
export function queueWidgets(
  endpoint: Pick<WatchedEndpoint, "endpointName" | "variants">,
  region: string,
  limits: AlarmLimits,
): readonly Widget[] {
  const { endpointName } = endpoint;
  const queue = (name: string, label: string): Line => ({
    ...{ namespace: namespaces.requests, name, statistic: "Maximum", label },
    dimensions: { EndpointName: endpointName },
  });
  const lost = ["InvocationFailures", "ExpiredRequests", "NotificationFailures"] as const;
  return [
    toGraph({
      ...{ title: "queue", unit: "requests", region },
      lines: [
        queue("ApproximateBacklogSize", "waiting"),
        queue("ApproximateBacklogSizePerInstance", "for each instance"),
        queue("HasBacklogWithoutCapacity", "waiting without an instance (1)"),
      ],
      limits: [{ label: "alarm for each instance", value: limits.backlogPerInstance }],
    }),
    toGraph({
      ...{ title: "oldest request", unit: "s", region },
      lines: [queue("ApproximateAgeOfOldestRequest", "age")],
      limits: [{ label: "alarm", value: limits.oldestRequestSeconds }],
    }),
    toGraph({
      ...{ title: "lost requests", unit: "a minute", region },
      lines: endpoint.variants.flatMap((variant) =>
        lost.map((name) => ofRequests({ endpointName, variant, region }, name, "Sum", `${variant} ${name}`)),
      ),
    }),
  ];
}
