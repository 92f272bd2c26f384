import type { PlannedCall } from "../planned-call.js";
import { type AlarmFacts, type Metric, namespaces, toAlarmCall } from "./alarm-call.js";
import type { AlarmLimits } from "./alarm-limits.js";
import { planQueueAlarms, planServerlessAlarms } from "./queue-alarms.js";

/** The instances of an endpoint, each of them. */
export type Machine = Readonly<{ vcpus: number; gpus: number }>;

/** What runs, and who is told of it. Serverless endpoints have no machine of ours. */
export type WatchedEndpoint = Readonly<{
  endpointName: string;
  variants: readonly string[];
  topicArn: string | null;
}> &
  (
    | Readonly<{ mode: "sync" | "async"; machine: Machine }>
    | Readonly<{ mode: "serverless"; machine: null; hasProvisioned: boolean }>
  );

/** What goes wrong, without whose endpoint it is and who is told. */
export type Fault = Omit<AlarmFacts, "endpointName" | "actions" | "okActions">;

const microsecondsPerMs = 1000;

/** Every alarm of an endpoint, variant by variant; its queue's or its concurrency's come last. */
export function planAlarms(endpoint: WatchedEndpoint, limits: AlarmLimits): readonly PlannedCall[] {
  const { endpointName, topicArn } = endpoint;
  const actions = topicArn === null ? [] : [topicArn];
  const faults = [
    ...endpoint.variants.flatMap((variant) => variantFaults(endpoint, variant, limits)),
    ...(endpoint.mode === "async" ? planQueueAlarms(endpoint, limits) : []),
    ...(endpoint.mode === "serverless" ? planServerlessAlarms(endpoint) : []),
  ];
  return faults.map((fault) => toAlarmCall({ ...fault, endpointName, actions, okActions: actions }));
}

function variantFaults(endpoint: WatchedEndpoint, variant: string, limits: AlarmLimits): readonly Fault[] {
  const dimensions = { EndpointName: endpoint.endpointName, VariantName: variant };
  const requests = (name: string, statistic: string): Metric => ({
    namespace: namespaces.requests,
    name,
    dimensions,
    statistic,
  });
  const machines = (name: string, statistic: string): Metric => ({
    ...requests(name, statistic),
    namespace: namespaces.machines,
  });
  return [
    failures(endpoint, variant, requests, limits),
    latency(variant, requests, limits),
    ...(endpoint.mode === "async" ? [] : [overhead(variant, requests, limits)]),
    memory(variant, machines, limits),
    ...(endpoint.machine === null ? [] : machineFaults(endpoint.machine, variant, machines, limits)),
  ];
}

type MetricOf = (name: string, statistic: string) => Metric;

/** Fewer failures than this in a minute are no rate: one bad request at night would be 100 %. */
const fewestFailures = 2;

function failures({ mode }: WatchedEndpoint, variant: string, requests: MetricOf, limits: AlarmLimits): Fault {
  const errors = requests("Invocation5XXErrors", "Sum");
  // Async endpoints publish no Invocations; of a metric of zeros and ones the number of samples is the same count.
  const all = mode === "async" ? requests("Invocation5XXErrors", "SampleCount") : requests("Invocations", "Sum");
  return {
    purpose: `${variant}/errors`,
    description: `At least ${limits.errorPercent} % of requests end with a 5xx, and ${fewestFailures} or more a minute. See the endpoint's log.`,
    watched: {
      label: "5xx, % of requests",
      expression: `IF(errors >= ${fewestFailures}, 100 * errors / requests, 0)`,
      metrics: { errors, requests: all },
    },
    threshold: limits.errorPercent,
    comparison: ">=",
    minutes: [3, 5],
    missing: "notBreaching",
  };
}

function latency(variant: string, requests: MetricOf, { p99Ms }: AlarmLimits): Fault {
  return {
    purpose: `${variant}/latency`,
    description: `The container takes ${p99Ms} ms or more for one request in a hundred (ModelLatency is in microseconds).`,
    watched: requests("ModelLatency", "p99"),
    threshold: p99Ms * microsecondsPerMs,
    comparison: ">=",
    minutes: [3, 5],
    missing: "notBreaching",
  };
}

function overhead(variant: string, requests: MetricOf, { overheadMs }: AlarmLimits): Fault {
  return {
    purpose: `${variant}/overhead`,
    description: `The platform adds ${overheadMs} ms or more to one request in a hundred (OverheadLatency is in microseconds): large bodies, or cold starts of a serverless endpoint.`,
    watched: requests("OverheadLatency", "p99"),
    threshold: overheadMs * microsecondsPerMs,
    comparison: ">=",
    minutes: [3, 5],
    missing: "notBreaching",
  };
}

function memory(variant: string, machines: MetricOf, { memoryPercent }: AlarmLimits): Fault {
  return {
    purpose: `${variant}/memory`,
    description: `Memory is ${memoryPercent} % full or more. Past 100 % the container is killed: take fewer requests at once, or more memory.`,
    watched: machines("MemoryUtilization", "Maximum"),
    threshold: memoryPercent,
    comparison: ">=",
    minutes: [3, 5],
    missing: "missing",
  };
}

function machineFaults(
  { vcpus, gpus }: Machine,
  variant: string,
  machines: MetricOf,
  limits: AlarmLimits,
): readonly Fault[] {
  const fault = (purpose: string, metric: Metric, threshold: number, minutes: Fault["minutes"], description: string) =>
    ({
      ...{ purpose: `${variant}/${purpose}`, description, watched: metric, threshold, minutes },
      ...{ comparison: ">=", missing: "missing" },
    }) as const satisfies Fault;
  const { cpuPercent, gpuPercent, gpuMemoryPercent, diskPercent } = limits;
  const ofCpu = `${cpuPercent} % of ${vcpus} vCPUs; CPUUtilization adds them up and goes to ${100 * vcpus}.`;
  const disk = `The disk is ${diskPercent} % full or more. Data capture stops when it is full.`;
  const all = [
    fault("cpu", machines("CPUUtilization", "Average"), cpuPercent * vcpus, [10, 15], ofCpu),
    fault("disk", machines("DiskUtilization", "Maximum"), diskPercent, [3, 5], disk),
  ];
  if (gpus === 0) return all;
  const whole = gpus === 1 ? "the GPU" : `${gpus} GPUs`;
  const ofGpu = `${gpuPercent} % of ${whole}; GPUUtilization goes to ${100 * gpus}. No room is left for a busier minute.`;
  const ofVideo = `GPU memory is ${gpuMemoryPercent} % full or more: the next larger batch may not fit.`;
  return [
    ...all,
    fault("gpu", machines("GPUUtilization", "Average"), gpuPercent * gpus, [10, 15], ofGpu),
    fault("gpu-memory", machines("GPUMemoryUtilization", "Maximum"), gpuMemoryPercent * gpus, [3, 5], ofVideo),
  ];
}
