import { type Metric, namespaces } from "./alarm-call.js";
import type { AlarmLimits } from "./alarm-limits.js";
import type { Fault, WatchedEndpoint } from "./alarms.js";

type Named = Pick<WatchedEndpoint, "endpointName" | "variants">;

const losses = {
  InvocationFailures: "The container did not answer a queued request with a 2xx; its FailureLocation has the reason.",
  ExpiredRequests: "A queued request was dropped unanswered: it waited longer than its own time to live.",
  NotificationFailures: "An answer was written and nobody told: the SNS topic is gone, or the role may not publish.",
  RequestDownloadFailures: "A queued picture could not be read: it is gone, or the role may not read it.",
  ResponseUploadFailures: "An answer could not be written: the role may not write to the output path.",
} as const;

/** An async endpoint's queue, which has no variant, and of each variant what became of queued requests. */
export function planQueueAlarms(endpoint: Named, limits: AlarmLimits): readonly Fault[] {
  const queue = { EndpointName: endpoint.endpointName };
  const { oldestRequestSeconds, backlogPerInstance } = limits;
  return [
    {
      purpose: "oldest-request",
      description: `The oldest request has waited ${oldestRequestSeconds} s or more. Nothing takes it, or the instances cannot keep up.`,
      watched: requestMetric("ApproximateAgeOfOldestRequest", "Maximum", queue),
      threshold: oldestRequestSeconds,
      comparison: ">=",
      minutes: [3, 5],
      // An empty queue has no oldest request.
      missing: "notBreaching",
    },
    {
      purpose: "backlog",
      description: `${backlogPerInstance} requests or more wait for each instance, for a quarter of an hour: scaling does not keep up, or is at its most.`,
      watched: requestMetric("ApproximateBacklogSizePerInstance", "Average", queue),
      threshold: backlogPerInstance,
      comparison: ">=",
      minutes: [15, 15],
      // At zero instances there is no value per instance; waking up has an alarm of its own.
      missing: "notBreaching",
    },
    ...endpoint.variants.flatMap((variant) => variantLosses(endpoint.endpointName, variant)),
  ];
}

function variantLosses(endpointName: string, variant: string): readonly Fault[] {
  const dimensions = { EndpointName: endpointName, VariantName: variant };
  return Object.entries(losses).map(([name, description]) => ({
    purpose: `${variant}/${toWords(name)}`,
    description,
    watched: requestMetric(name, "Sum", dimensions),
    threshold: 1,
    comparison: ">=",
    // Each of them is somebody's picture without an answer.
    minutes: [1, 1],
    missing: "notBreaching",
  }));
}

/** A serverless endpoint's own limit: above it callers are refused. */
export function planServerlessAlarms({
  endpointName,
  variants,
  hasProvisioned,
}: Named & Readonly<{ hasProvisioned: boolean }>): readonly Fault[] {
  const shared = { comparison: ">=", missing: "notBreaching" } as const;
  return variants.flatMap((variant): readonly Fault[] => {
    const metric = (name: string, statistic: string) =>
      requestMetric(name, statistic, { EndpointName: endpointName, VariantName: variant });
    const used: Fault = {
      purpose: `${variant}/concurrency`,
      description: "90 % or more of the concurrency in use; above 100 % callers are refused with 429.",
      watched: metric("ServerlessConcurrentExecutionsUtilization", "Maximum"),
      threshold: 0.9,
      minutes: [3, 5],
      ...shared,
    };
    if (!hasProvisioned) return [used];
    const spilled: Fault = {
      purpose: `${variant}/spillover`,
      description: "Requests found no provisioned instance for ten minutes and met cold starts.",
      watched: metric("ServerlessProvisionedConcurrencySpilloverInvocations", "Sum"),
      threshold: 1,
      minutes: [10, 10],
      ...shared,
    };
    return [used, spilled];
  });
}

function requestMetric(name: string, statistic: string, dimensions: Metric["dimensions"]): Metric {
  return { namespace: namespaces.requests, name, dimensions, statistic };
}

/** `ExpiredRequests` -> `expired-requests`. */
function toWords(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
}
