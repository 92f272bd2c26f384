import { toPolicyArnReference } from "./answer-reference.js";
import { toScalableResourceId } from "./names.js";
import type { PlannedCall } from "./planned-call.js";
import type { EndpointSpec } from "./spec.js";
import { variantName } from "./spec-common.js";
import type { AsyncScaling, SyncScaling } from "./spec-scaling.js";
import { namespaces, toAlarmCall } from "./watch/alarm-call.js";

/** The service's own default, about what an instance takes to serve: sooner would start another one for the same load. */
const cooldownS = 300;

/** The developer guide's name for what wakes an endpoint from zero. */
const wakeUpPolicyName = "HasBacklogWithoutCapacity-ScalingPolicy";
const backlogPolicyName = "BacklogPerInstance-ScalingPolicy";
const requestsPolicyName = "RequestsPerInstance-ScalingPolicy";

/** What scales the endpoint, once it is in service; nothing where no rate is known to scale by. */
export function planScaling(spec: EndpointSpec): readonly PlannedCall[] {
  if (spec.mode === "serverless") return [];
  if (spec.mode === "async") return planAsyncScaling(spec.name, spec.scaling);
  return spec.scaling === null ? [] : planSyncScaling(spec.name, spec.scaling);
}

function planSyncScaling(name: string, scaling: SyncScaling): readonly PlannedCall[] {
  return [
    planTarget(name, scaling),
    planPolicy(name, requestsPolicyName, {
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: {
        // Requests a minute for each instance.
        TargetValue: scaling.invocationsPerMinute,
        PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
        ScaleOutCooldown: cooldownS,
        ScaleInCooldown: cooldownS,
      },
    }),
  ];
}

/** With no instance there is no backlog per instance: only the second policy, by its alarm, leaves zero for one request. */
function planAsyncScaling(name: string, scaling: AsyncScaling): readonly PlannedCall[] {
  const tracking = planPolicy(name, backlogPolicyName, {
    PolicyType: "TargetTrackingScaling",
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: scaling.backlogPerInstance,
      CustomizedMetricSpecification: {
        MetricName: "ApproximateBacklogSizePerInstance",
        Namespace: "AWS/SageMaker",
        Dimensions: [{ Name: "EndpointName", Value: name }],
        Statistic: "Average",
      },
      ScaleOutCooldown: cooldownS,
      ScaleInCooldown: cooldownS,
    },
  });
  if (scaling.minInstances > 0) return [planTarget(name, scaling), tracking];
  const wakeUp = planPolicy(name, wakeUpPolicyName, {
    PolicyType: "StepScaling",
    StepScalingPolicyConfiguration: {
      AdjustmentType: "ChangeInCapacity",
      MetricAggregationType: "Average",
      Cooldown: cooldownS,
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    },
  });
  return [planTarget(name, scaling), tracking, wakeUp, planWakeUpAlarm(name)];
}

/** Ours, not the service's: whoever deregisters the target must delete it, too. */
function planWakeUpAlarm(name: string): PlannedCall {
  return toAlarmCall({
    endpointName: name,
    purpose: "wake-up",
    description: "Requests wait and no instance is there to take them.",
    watched: {
      namespace: namespaces.requests,
      name: "HasBacklogWithoutCapacity",
      // Of the endpoint as a whole: with the variant's name beside it there is no such metric.
      dimensions: { EndpointName: name },
      statistic: "Average",
    },
    threshold: 1,
    comparison: ">=",
    minutes: [2, 2],
    missing: "missing",
    actions: [toPolicyArnReference(wakeUpPolicyName)],
    okActions: [],
  });
}

function toScalable(name: string): PlannedCall["input"] {
  return {
    ServiceNamespace: "sagemaker",
    ResourceId: toScalableResourceId(name, variantName),
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
  };
}

function planTarget(name: string, { minInstances, maxInstances }: SyncScaling | AsyncScaling): PlannedCall {
  const input = { ...toScalable(name), MinCapacity: minInstances, MaxCapacity: maxInstances };
  return { service: "application-auto-scaling", operation: "RegisterScalableTarget", input };
}

function planPolicy(name: string, policyName: string, fields: PlannedCall["input"]): PlannedCall {
  const input = { PolicyName: policyName, ...toScalable(name), ...fields };
  return { service: "application-auto-scaling", operation: "PutScalingPolicy", input };
}
