import { toTagList } from "./calls-tags.js";
import { toAlarmName } from "./names.js";
import type { PlannedCall } from "./planned-call.js";
import type { EndpointSpec } from "./spec.js";
import { variantName } from "./spec-common.js";
import type { RollbackLimits } from "./spec-update.js";

const microsecondsPerMs = 1000;

/** The alarms that an update of this endpoint looks at; none where it never goes back by itself. */
export function rollbackAlarmNames(endpointName: string, rollback: RollbackLimits | null): readonly string[] {
  if (rollback === null) return [];
  const names = [toAlarmName(endpointName, "rollback-5xx")];
  return rollback.maxP99Ms === null ? names : [...names, toAlarmName(endpointName, "rollback-latency")];
}

/**
 * They watch the new fleet alone, by its configuration's name, so the old one's trouble does not undo its cure. Two bad
 * minutes of three, which fits into the time that an update is watched; no traffic is no reason to go back.
 */
export function planRollbackAlarms(spec: EndpointSpec, endpointConfigName: string): readonly PlannedCall[] {
  const { name, update, tags } = spec;
  if (update.rollback === null) return [];
  const { maxErrorShare, maxP99Ms } = update.rollback;
  const common = {
    Namespace: "AWS/SageMaker",
    Dimensions: [
      { Name: "EndpointName", Value: name },
      { Name: "VariantName", Value: variantName },
      { Name: "EndpointConfigName", Value: endpointConfigName },
    ],
    Period: 60,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
    Tags: toTagList(tags),
  };
  const errors = {
    AlarmName: toAlarmName(name, "rollback-5xx"),
    AlarmDescription: `More than ${maxErrorShare * 100} % of the requests to the new fleet end with a server error.`,
    MetricName: "Invocation5XXErrors",
    // The metric is 0 or 1 for each request: its average is the share of errors.
    Statistic: "Average",
    Threshold: maxErrorShare,
    ...common,
  };
  if (maxP99Ms === null) return [toAlarm(errors)];
  const latency = {
    AlarmName: toAlarmName(name, "rollback-latency"),
    AlarmDescription: `The container's p99 on the new fleet is above ${maxP99Ms} ms.`,
    MetricName: "ModelLatency",
    ExtendedStatistic: "p99",
    Threshold: maxP99Ms * microsecondsPerMs,
    Unit: "Microseconds",
    ...common,
  };
  return [toAlarm(errors), toAlarm(latency)];
}

function toAlarm(input: PlannedCall["input"]): PlannedCall {
  return { service: "cloudwatch", operation: "PutMetricAlarm", input };
}
