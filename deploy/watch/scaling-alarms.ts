import type { PlannedCall } from "../planned-call.js";
import { type Metric, namespaces, toAlarmCall } from "./alarm-call.js";
import type { Machine } from "./alarms.js";

/** What scales a variant by the guide's rules, and by whose steps: a policy's ARN, or a topic's where people do it. */
export type ScaledVariant = Readonly<{
  endpointName: string;
  variant: string;
  machine: Machine;
  upActions: readonly string[];
  downActions: readonly string[];
}>;

/** The guide: above 200 ms at the 95th percentile add instances, below 50 % of a GPU take some away. */
const upP95Ms = 200;
const downPercent = 50;
/**
 * Away only while latency is far below what adds: with half the work again on each instance it must not come back at once.
 * Five minutes of trouble add, a quarter of an hour of calm takes away.
 */
const downP95Ms = 120;
const upMinutes = [3, 5] as const;
const downMinutes = [15, 15] as const;
const microsecondsPerMs = 1000;

/** Two alarms, one that adds instances and one that takes them away; no value of the metrics sets off both. */
export function planScalingAlarms(scaled: ScaledVariant): readonly PlannedCall[] {
  return [planUp(scaled), planDown(scaled)];
}

function planUp({ endpointName, variant, upActions }: ScaledVariant): PlannedCall {
  return toAlarmCall({
    endpointName,
    purpose: `${variant}/scale-up`,
    description: `Adds instances: p95 at ${upP95Ms} ms or more in 3 minutes of 5 (ModelLatency is in microseconds).`,
    watched: latencyOf(endpointName, variant),
    threshold: upP95Ms * microsecondsPerMs,
    comparison: ">=",
    minutes: upMinutes,
    missing: "notBreaching",
    actions: upActions,
    okActions: [],
  });
}

function planDown({ endpointName, variant, machine, downActions }: ScaledVariant): PlannedCall {
  const [name, count] = machine.gpus > 0 ? ["GPUUtilization", machine.gpus] : ["CPUUtilization", machine.vcpus];
  const dimensions = { EndpointName: endpointName, VariantName: variant };
  const busy: Metric = { namespace: namespaces.machines, name, dimensions, statistic: "Average" };
  const calm = `busy < ${downPercent * count} && FILL(latency, 0) < ${downP95Ms * microsecondsPerMs}`;
  return toAlarmCall({
    endpointName,
    purpose: `${variant}/scale-down`,
    description: `Takes instances away: ${name} below ${downPercent} % of ${count} and p95 below ${downP95Ms} ms, a quarter of an hour long.`,
    watched: {
      label: "calm",
      expression: `IF(${calm}, 1, 0)`,
      // Without requests there is no latency, and that is as calm as it gets; without instances there is nothing to take.
      metrics: { busy, latency: latencyOf(endpointName, variant) },
    },
    threshold: 1,
    comparison: ">=",
    minutes: downMinutes,
    missing: "notBreaching",
    actions: downActions,
    okActions: [],
  });
}

function latencyOf(endpointName: string, variant: string): Metric {
  const dimensions = { EndpointName: endpointName, VariantName: variant };
  return { namespace: namespaces.requests, name: "ModelLatency", dimensions, statistic: "p95" };
}
