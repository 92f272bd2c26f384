import type { PlannedCall } from "./planned-call.js";

type Input = Readonly<Record<string, unknown>>;

/** What a call is about, for people: the name of what it makes, and what matters most of it. */
export type CallDescription = Readonly<{ subject: string; details: string }>;

/** Where a call's subject is named, the most telling first. */
const subjectMembers = [
  "AlarmName",
  "PolicyName",
  "EndpointName",
  "EndpointConfigName",
  "TransformJobName",
  "ModelName",
  "logGroupName",
  "ResourceId",
] as const;

const details: Readonly<Record<string, (input: Input) => string>> = {
  CreateModel: ({ PrimaryContainer }) => {
    const { Image, ModelDataUrl } = PrimaryContainer as Input;
    return `${Image} with ${ModelDataUrl}`;
  },
  CreateEndpointConfig: ({ ProductionVariants, AsyncInferenceConfig }) => {
    const variants = (ProductionVariants as readonly Input[]).map(describeVariant).join(", ");
    const { OutputConfig } = (AsyncInferenceConfig ?? {}) as Input;
    return OutputConfig === undefined ? variants : `${variants}; answers to ${(OutputConfig as Input).S3OutputPath}`;
  },
  CreateEndpoint: ({ EndpointConfigName }) => `on ${EndpointConfigName}`,
  UpdateEndpoint: ({ EndpointConfigName, DeploymentConfig }) =>
    `to ${EndpointConfigName}${describeDeployment((DeploymentConfig ?? {}) as Input)}`,
  CreateTransformJob: ({ TransformInput, TransformOutput, TransformResources }) => {
    const { DataSource } = TransformInput as Input;
    const { S3DataSource } = DataSource as Input;
    const { InstanceCount, InstanceType } = TransformResources as Input;
    const from = (S3DataSource as Input).S3Uri;
    return `${from} to ${(TransformOutput as Input).S3OutputPath} on ${InstanceCount} x ${InstanceType}`;
  },
  PutRetentionPolicy: ({ retentionInDays }) => `${retentionInDays} days`,
  RegisterScalableTarget: ({ MinCapacity, MaxCapacity }) => `${MinCapacity} to ${MaxCapacity} instances`,
  PutScalingPolicy: ({ TargetTrackingScalingPolicyConfiguration, StepScalingPolicyConfiguration }) => {
    if (TargetTrackingScalingPolicyConfiguration === undefined)
      return describeSteps(StepScalingPolicyConfiguration as Input);
    return describeTracking(TargetTrackingScalingPolicyConfiguration as Input);
  },
  PutMetricAlarm: ({ MetricName, Statistic, ExtendedStatistic, Threshold, DatapointsToAlarm, EvaluationPeriods }) => {
    const metric = MetricName === undefined ? "a formula" : `${Statistic ?? ExtendedStatistic} of ${MetricName}`;
    const unit = String(MetricName).endsWith("Latency") ? " microseconds" : "";
    return `${metric} beyond ${Threshold}${unit} in ${DatapointsToAlarm} of ${EvaluationPeriods} minutes`;
  },
};

/** A call in words; one that we have no words for has its name alone. */
export function describeCall({ operation, input }: PlannedCall): CallDescription {
  const member = subjectMembers.find((name) => typeof input[name] === "string");
  const describe = Object.hasOwn(details, operation) ? details[operation] : undefined;
  return { subject: member === undefined ? "" : String(input[member]), details: describe?.(input) ?? "" };
}

function describeVariant({ InstanceType, InitialInstanceCount, ServerlessConfig }: Input): string {
  if (ServerlessConfig === undefined) return `${InitialInstanceCount} x ${InstanceType}`;
  const { MemorySizeInMB, MaxConcurrency } = ServerlessConfig as Input;
  return `serverless, ${MemorySizeInMB} MB, ${MaxConcurrency} at once`;
}

function describeDeployment({ BlueGreenUpdatePolicy, RollingUpdatePolicy, AutoRollbackConfiguration }: Input): string {
  const alarms = (((AutoRollbackConfiguration ?? {}) as Input).Alarms ?? []) as readonly unknown[];
  const back = alarms.length === 0 ? "never back by itself" : `back by itself on alarm (${alarms.length})`;
  if (RollingUpdatePolicy !== undefined) {
    const { MaximumBatchSize, WaitIntervalInSeconds } = RollingUpdatePolicy as Input;
    return `, rolling by ${(MaximumBatchSize as Input).Value} %, watched ${WaitIntervalInSeconds} s, ${back}`;
  }
  if (BlueGreenUpdatePolicy === undefined) return "";
  const { Type, WaitIntervalInSeconds, CanarySize, LinearStepSize } = (BlueGreenUpdatePolicy as Input)
    .TrafficRoutingConfiguration as Input;
  const size = (CanarySize ?? LinearStepSize) as Input | undefined;
  const by = size === undefined ? "" : ` by ${size.Value} %`;
  return `, ${String(Type).toLowerCase().replaceAll("_", " ")}${by}, watched ${WaitIntervalInSeconds} s, ${back}`;
}

function describeTracking({
  TargetValue,
  PredefinedMetricSpecification,
  CustomizedMetricSpecification,
}: Input): string {
  const { PredefinedMetricType } = (PredefinedMetricSpecification ?? {}) as Input;
  const { MetricName } = (CustomizedMetricSpecification ?? {}) as Input;
  return `keeps ${PredefinedMetricType ?? MetricName} at ${TargetValue}`;
}

function describeSteps({ StepAdjustments }: Input): string {
  const [first] = (StepAdjustments ?? []) as readonly Input[];
  return `adds ${first?.ScalingAdjustment} when its alarm fires`;
}
