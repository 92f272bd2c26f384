import type { EndpointState, VariantState } from "./endpoint-state.js";
import { findInstance } from "./planner/instance-facts.js";
import { type Metric, namespaces } from "./watch/alarm-call.js";

/** One figure of an endpoint's status: a metric, and what makes a readable number of it. */
export type Gauge = Readonly<{
  /** Null where it is of the endpoint as a whole. */
  variant: string | null;
  label: string;
  unit: "" | "%" | "ms" | "s";
  metric: Metric;
  /** Makes `unit` of the metric's own unit. */
  factor: number;
  /** The whole window in one value, or its newest minute. */
  over: "window" | "newest";
}>;

const msPerMicrosecond = 1 / 1000;
const percentPerShare = 100;

type Wanted = Readonly<{
  label: string;
  unit?: Gauge["unit"];
  factor?: number;
  of: readonly [metric: string, statistic: string];
}>;

/**
 * What an endpoint's status shows, variant by variant, then its queue. Percents are of one CPU, one GPU, the memory, the
 * disk, the requests; of a type whose vCPUs and GPUs we do not know CPU and GPU are added up, and labeled so.
 */
export function planGauges(state: EndpointState): readonly Gauge[] {
  const { name: endpointName, mode, variants } = state;
  const queue = mode === "async" ? queueGauges(endpointName) : [];
  return [...variants.flatMap((variant) => variantGauges(state, variant)), ...queue];
}

function variantGauges({ name, mode }: EndpointState, variant: VariantState): readonly Gauge[] {
  const dimensions = { EndpointName: name, VariantName: variant.name };
  const toGauge =
    (namespace: string) =>
    ({ label, unit = "", factor = 1, of: [metric, statistic] }: Wanted): Gauge => ({
      ...{ variant: variant.name, label, unit, factor, over: "window" },
      metric: { namespace, name: metric, dimensions, statistic },
    });
  return [
    ...[...requestsOf(mode), ...lossesOf(mode), ...concurrencyOf(variant)].map(toGauge(namespaces.requests)),
    ...machineOf(variant).map(toGauge(namespaces.machines)),
  ];
}

function requestsOf(mode: EndpointState["mode"]): readonly Wanted[] {
  const ms = { unit: "ms", factor: msPerMicrosecond } as const;
  return [
    // Async endpoints publish no Invocations; of a metric of zeros and ones the number of samples is the same count.
    { label: "requests", of: mode === "async" ? ["Invocation5XXErrors", "SampleCount"] : ["Invocations", "Sum"] },
    { label: "4xx", of: ["Invocation4XXErrors", "Sum"] },
    { label: "5xx", of: ["Invocation5XXErrors", "Sum"] },
    // 0 or 1 for each request: the average is the share.
    { label: "5xx share", unit: "%", factor: percentPerShare, of: ["Invocation5XXErrors", "Average"] },
    { label: "p50", ...ms, of: ["ModelLatency", "p50"] },
    { label: "p99", ...ms, of: ["ModelLatency", "p99"] },
    ...(mode === "async" ? [] : [{ label: "overhead p99", ...ms, of: ["OverheadLatency", "p99"] } as const]),
  ];
}

/** What became of queued requests that were not answered, or of whose answer nobody was told. */
function lossesOf(mode: EndpointState["mode"]): readonly Wanted[] {
  if (mode !== "async") return [];
  return [
    { label: "failed", of: ["InvocationFailures", "Sum"] },
    { label: "expired", of: ["ExpiredRequests", "Sum"] },
    { label: "input not read", of: ["RequestDownloadFailures", "Sum"] },
    { label: "answer not written", of: ["ResponseUploadFailures", "Sum"] },
    { label: "nobody told", of: ["NotificationFailures", "Sum"] },
  ];
}

function concurrencyOf({ serverless }: VariantState): readonly Wanted[] {
  if (serverless === null) return [];
  const share = { unit: "%", factor: percentPerShare } as const;
  return [
    { label: "concurrency, most", ...share, of: ["ServerlessConcurrentExecutionsUtilization", "Maximum"] },
    { label: "model setup, longest", unit: "ms", factor: msPerMicrosecond, of: ["ModelSetupTime", "Maximum"] },
  ];
}

function machineOf({ instanceType, serverless }: VariantState): readonly Wanted[] {
  const memory: Wanted = { label: "memory, most", unit: "%", of: ["MemoryUtilization", "Maximum"] };
  if (serverless !== null) return [memory];
  const known = instanceType === null ? undefined : findInstance(instanceType);
  const addedUp = known === undefined ? ", added up" : "";
  const [vcpus, gpus] = known === undefined ? [1, 1] : [known.vcpus, known.gpu?.count ?? 0];
  const shared = (label: string, count: number, of: Wanted["of"]): Wanted => ({
    ...{ label: `${label}${addedUp}`, unit: "%", factor: 1 / count, of },
  });
  const ofGpus = [
    shared("GPU", gpus, ["GPUUtilization", "Average"]),
    shared("GPU memory, most", gpus, ["GPUMemoryUtilization", "Maximum"]),
  ];
  return [
    memory,
    shared("CPU", vcpus, ["CPUUtilization", "Average"]),
    { label: "disk, most", unit: "%", of: ["DiskUtilization", "Maximum"] },
    ...(gpus === 0 ? [] : ofGpus),
  ];
}

/** The queue is the endpoint's: with the variant's name beside it there is no such metric. */
function queueGauges(endpointName: string): readonly Gauge[] {
  const metric = (name: string): Metric => ({
    ...{ namespace: namespaces.requests, name, statistic: "Maximum" },
    dimensions: { EndpointName: endpointName },
  });
  const shared = { variant: null, factor: 1, over: "newest" } as const;
  return [
    { ...shared, label: "backlog", unit: "", metric: metric("ApproximateBacklogSize") },
    { ...shared, label: "oldest request", unit: "s", metric: metric("ApproximateAgeOfOldestRequest") },
  ];
}
