import type { PlannedCall } from "./planned-call.js";
import type { EndpointSpec } from "./spec.js";
import { variantName } from "./spec-common.js";
import { namespaces, toAlarmCall } from "./watch/alarm-call.js";

const microsecondsPerMs = 1000;

type Limit = Readonly<{
  purpose: string;
  description: string;
  metric: Readonly<{ name: string; statistic: string }>;
  threshold: number;
}>;

/**
 * The alarms that undo an update to the named configuration; none where the endpoint never goes back by itself. They watch
 * the new fleet alone, so that the old one's trouble does not undo its cure. Each configuration has alarms of its own: one
 * that is still red from the last update would undo the next one at once.
 */
export function planRollbackAlarms({ name, update }: EndpointSpec, endpointConfigName: string): readonly PlannedCall[] {
  if (update.rollback === null) return [];
  const { maxErrorPercent, maxP99Ms } = update.rollback;
  const limits: Limit[] = [
    {
      purpose: "rollback-errors",
      description: `More than ${maxErrorPercent} % of the new fleet's requests end with a 5xx. Undoes the update.`,
      // 0 or 1 for each request: the average is the share of errors.
      metric: { name: "Invocation5XXErrors", statistic: "Average" },
      threshold: maxErrorPercent / 100,
    },
  ];
  if (maxP99Ms !== null) {
    limits.push({
      purpose: "rollback-latency",
      description: `The new fleet's p99 is above ${maxP99Ms} ms (ModelLatency is in microseconds). Undoes the update.`,
      metric: { name: "ModelLatency", statistic: "p99" },
      threshold: maxP99Ms * microsecondsPerMs,
    });
  }
  return limits.map((limit) => planAlarm(name, endpointConfigName, limit));
}

function planAlarm(endpointName: string, configName: string, limit: Limit): PlannedCall {
  const { purpose, description, metric, threshold } = limit;
  const dimensions = { EndpointName: endpointName, VariantName: variantName, EndpointConfigName: configName };
  return toAlarmCall({
    endpointName,
    purpose: `${purpose}/${configName}`,
    description,
    watched: { namespace: namespaces.requests, dimensions, ...metric },
    threshold,
    comparison: ">",
    // Within the time that an update is watched, and more than one bad minute: a single failure is no reason.
    minutes: [2, 3],
    // Before traffic moves over, the new fleet has none, which is no fault of it.
    missing: "notBreaching",
    actions: [],
    okActions: [],
  });
}
