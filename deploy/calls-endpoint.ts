import { toTagList } from "./calls-tags.js";
import type { PlannedCall } from "./planned-call.js";
import type { EndpointSpec } from "./spec.js";
import { toMaxExecutionS, type UpdateSpec } from "./spec-update.js";

/** For a name that no endpoint has yet. How to update it comes with each update, so it is not stored here. */
export function planCreate(spec: EndpointSpec, endpointConfigName: string): PlannedCall {
  const input = { EndpointName: spec.name, EndpointConfigName: endpointConfigName, Tags: toTagList(spec.tags) };
  return { service: "sagemaker", operation: "CreateEndpoint", input };
}

/** For an endpoint that is there: the new fleet beside the old one, watched, and back by itself when an alarm fires. */
export function planUpdate(
  spec: EndpointSpec,
  endpointConfigName: string,
  rollbackAlarms: readonly PlannedCall[],
): PlannedCall {
  const Alarms = rollbackAlarms.map(({ input }) => ({ AlarmName: input.AlarmName }));
  const input = {
    EndpointName: spec.name,
    EndpointConfigName: endpointConfigName,
    ...toRetained(spec),
    DeploymentConfig: {
      ...toPolicy(spec.update),
      ...(Alarms.length === 0 ? {} : { AutoRollbackConfiguration: { Alarms } }),
    },
  };
  return { service: "sagemaker", operation: "UpdateEndpoint", input };
}

/** Without it an update sets a fleet that has grown back to its first size, in the middle of the load it grew for. */
function toRetained(spec: EndpointSpec): Readonly<Record<string, unknown>> {
  // A serverless variant has no size to retain, and its concurrency is what the new configuration is for.
  if (spec.mode === "serverless") return {};
  const isScaled = spec.mode === "async" || spec.scaling !== null;
  if (isScaled) return { RetainAllVariantProperties: true };
  // Nothing else sets the count, so the configuration's own must count.
  return {
    RetainAllVariantProperties: true,
    ExcludeRetainedVariantProperties: [{ VariantPropertyType: "DesiredInstanceCount" }],
  };
}

function toPolicy(update: UpdateSpec): Readonly<Record<string, unknown>> {
  const { policy, bakeS: WaitIntervalInSeconds, terminationWaitS } = update;
  const MaximumExecutionTimeoutInSeconds = toMaxExecutionS(update);
  if (policy.kind === "rolling") {
    const MaximumBatchSize = toCapacity(policy.percent);
    return { RollingUpdatePolicy: { MaximumBatchSize, WaitIntervalInSeconds, MaximumExecutionTimeoutInSeconds } };
  }
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: { WaitIntervalInSeconds, ...toRouting(policy) },
      TerminationWaitInSeconds: terminationWaitS,
      MaximumExecutionTimeoutInSeconds,
    },
  };
}

function toRouting(policy: Exclude<UpdateSpec["policy"], { kind: "rolling" }>): Readonly<Record<string, unknown>> {
  switch (policy.kind) {
    case "canary":
      return { Type: "CANARY", CanarySize: toCapacity(policy.percent) };
    case "linear":
      return { Type: "LINEAR", LinearStepSize: toCapacity(policy.percent) };
    default:
      return { Type: "ALL_AT_ONCE" };
  }
}

/** The API's word; a page of the documentation has CAPACITY_PERCENTAGE, which is refused. */
function toCapacity(percent: number): Readonly<Record<string, unknown>> {
  return { Type: "CAPACITY_PERCENT", Value: percent };
}
