import { toPolicyArnReference } from "./answer-reference.js";
import { toTagList } from "./calls-tags.js";
import { toAlarmName, toScalableResourceId } from "./names.js";
import type { PlannedCall } from "./planned-call.js";
import type { EndpointSpec } from "./spec.js";
import { variantName } from "./spec-common.js";
import type { AsyncScaling, SyncScaling } from "./spec-scaling.js";

/** The service's own default, about what an instance takes to serve: sooner would start another one for the same load. */
const cooldownS = 300;

/** The developer guide's name for what wakes an endpoint from zero. */
export const wakeUpPolicyName = "HasBacklogWithoutCapacity-ScalingPolicy";
const backlogPolicyName = "BacklogPerInstance-ScalingPolicy";
const requestsPolicyName = "RequestsPerInstance-ScalingPolicy";

/** What scales the endpoint, once it is in service; nothing where no rate is known to scale by. */
export function planScaling(spec: EndpointSpec): readonly PlannedCall[] {
  if (spec.mode === "serverless") return [];
  if (spec.mode === "async") return planAsyncScaling(spec.name, spec.scaling, spec.tags);
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
function planAsyncScaling(name: string, scaling: AsyncScaling, tags: EndpointSpec["tags"]): readonly PlannedCall[] {
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
  return [planTarget(name, scaling), tracking, wakeUp, planWakeUpAlarm(name, tags)];
}

/** Ours, not the service's: whoever deregisters the target must delete it, too. */
function planWakeUpAlarm(name: string, tags: EndpointSpec["tags"]): PlannedCall {
  return {
    service: "cloudwatch",
    operation: "PutMetricAlarm",
    input: {
      AlarmName: toAlarmName(name, "wake-up"),
      AlarmDescription: "Requests wait and no instance is there to take them.",
      Namespace: "AWS/SageMaker",
      MetricName: "HasBacklogWithoutCapacity",
      Dimensions: [{ Name: "EndpointName", Value: name }],
      Statistic: "Average",
      Period: 60,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "missing",
      AlarmActions: [toPolicyArnReference(wakeUpPolicyName)],
      Tags: toTagList(tags),
    },
  };
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
