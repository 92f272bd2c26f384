import { describe, expect, it } from "vitest";
import { validateCall } from "../../../deploy/models/validate-call.js";
import { planDeployment, toCalls } from "../../../deploy/plan.js";
import type { PlannedCall } from "../../../deploy/planned-call.js";
import { type DeployMode, deployModes } from "../../../deploy/spec.js";
import type { Flags } from "../../../deploy/spec-flags.js";
import { deployFlags } from "../../../src/cli/deploy-flags.js";
import { aPlan, aSpec } from "../../support/a-deployment.js";

type Input = PlannedCall["input"];

const allCalls = (mode: DeployMode, flags: Flags = {}): readonly PlannedCall[] => {
  const plan = aPlan(mode, flags);
  return [...new Set([...toCalls(plan, "absent"), ...toCalls(plan, "present")])];
};

function inputOf(calls: readonly PlannedCall[], operation: string): Input {
  const found = calls.filter((call) => call.operation === operation);
  expect(found, operation).toHaveLength(1);
  return found[0]!.input;
}

/** A value for each flag that changes something; those that only `--instance-type auto` reads are the planner's. */
const otherValues: Readonly<Record<string, Flags[string]>> = {
  "endpoint-name": "other",
  "job-name": "other",
  "model-uri": "s3://models/other.tar.gz",
  "image-uri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/other:1",
  "role-arn": "arn:aws:iam::210987654321:role/other",
  region: "eu-west-1",
  env: ["STYGIG_MAX_BATCH=4"],
  tag: ["team=looks"],
  "instance-type": "ml.m5.xlarge",
  "instance-count": "2",
  "inference-ami-version": "al2-ami-sagemaker-inference-gpu-3-1",
  "startup-timeout-s": "1200",
  "min-instances": "1",
  "max-instances": "9",
  "rps-per-instance": "20",
  strategy: "linear",
  "shift-percent": "20",
  "bake-s": "900",
  "termination-wait-s": "60",
  "max-error-percent": "5",
  "max-p99-ms": "450",
  "no-rollback-alarms": true,
  "log-retention-days": "14",
  "s3-output-path": "s3://other/answers/",
  "s3-failure-path": "s3://other/failures/",
  "sns-topic-arn": "arn:aws:sns:us-east-1:123456789012:looks",
  "sns-error-topic-arn": "arn:aws:sns:us-east-1:123456789012:failures",
  "max-concurrent": "3",
  "backlog-per-instance": "8",
  "memory-mb": "6144",
  "max-concurrency": "20",
  "provisioned-concurrency": "2",
  "s3-input-path": "s3://photos/other/",
  "content-type": "image/jpeg",
  "max-payload-mb": "10",
  "invocation-timeout-s": "60",
  "transform-ami-version": "al2-ami-sagemaker-batch-gpu-535",
};

/** What must stand beside a flag for it to mean something. */
const companions: Readonly<Partial<Record<DeployMode, Readonly<Record<string, Flags>>>>> = {
  sync: {
    "inference-ami-version": { "instance-type": "ml.g5.xlarge" },
    "shift-percent": { strategy: "canary" },
    "min-instances": { "rps-per-instance": "10", "instance-count": "2" },
    "max-instances": { "rps-per-instance": "10" },
  },
  async: { "shift-percent": { strategy: "canary" } },
  batch: {
    "transform-ami-version": {
      "instance-type": "ml.g5.xlarge",
      "transform-ami-version": "al2-ami-sagemaker-batch-gpu-470",
    },
  },
};

/** Of no effect on calls: which file to read, what the image was built for, and what `auto` is told. */
const withoutCalls = new Set([
  ...["profile", "image-arch", "rps", "p95-ms", "gpu", "budget-usd", "headroom", "precision", "force"],
]);

const flagsOf = (mode: DeployMode): readonly string[] =>
  deployFlags[mode].map(({ flags }) => flags.split(" ")[0]!.replace(/^--/, ""));

const walks = deployModes.flatMap((mode) =>
  flagsOf(mode)
    .filter((flag) => !withoutCalls.has(flag))
    .map((flag) => ({ mode, flag })),
);

describe("every call of every mode is what AWS's models take", () => {
  it.each(deployModes)("with the fewest flags of %s", (mode) => {
    expect(allCalls(mode).flatMap(validateCall)).toEqual([]);
  });

  it.each(walks)("with --$flag of $mode, which changes the plan", ({ mode, flag }) => {
    const flags = companions[mode]?.[flag] ?? {};
    const value = otherValues[flag];
    expect(value, "this test has no value for the flag").toBeDefined();
    const calls = allCalls(mode, { ...flags, [flag]: value });
    expect(calls.flatMap(validateCall)).toEqual([]);
    expect(calls).not.toEqual(allCalls(mode, flags));
  });

  it("with the longest names and addresses", () => {
    const name = "a".repeat(63);
    const flags = {
      "endpoint-name": name,
      "model-uri": `s3://${"b".repeat(63)}/${"k".repeat(900)}.tar.gz`,
      "image-uri": `123456789012.dkr.ecr.us-east-1.amazonaws.com/${"i".repeat(200)}`,
      "s3-output-path": `s3://${"b".repeat(63)}/${"k".repeat(430)}/`,
      "s3-failure-path": `s3://${"b".repeat(63)}/${"f".repeat(440)}/`,
    };
    expect(allCalls("async", flags).flatMap(validateCall)).toEqual([]);
  });
});

describe("a plan", () => {
  it.each(deployModes)("of %s is the same for the same flags", (mode) => {
    expect(aPlan(mode)).toEqual(aPlan(mode));
  });

  it("has other names for another artifact behind the same address, and for another image", () => {
    const spec = aSpec("sync");
    const plans = [
      spec,
      { ...spec, modelVersion: "etag-1" },
      { ...spec, modelVersion: "etag-2" },
      { ...spec, imageUri: `${spec.imageUri.split(":")[0]}@sha256:${"0".repeat(64)}` },
      { ...spec, environment: { ...spec.environment, STYGIG_MAX_BATCH: "2" } },
    ].map(planDeployment);
    expect(new Set(plans.map(({ names }) => names.model)).size).toBe(plans.length);
    expect(new Set(plans.map(({ names }) => names.endpointConfig)).size).toBe(plans.length);
  });

  it("keeps its names when only tags, limits or the way to update change", () => {
    const flags = { tag: ["a=b"], strategy: "canary", "max-p99-ms": "99", "log-retention-days": "1" };
    expect(aPlan("sync", flags).names).toEqual(aPlan("sync").names);
  });

  it("makes the log group first and scales what is in service last", () => {
    const operations = (endpoint: "absent" | "present") =>
      toCalls(aPlan("async"), endpoint).map(({ operation }) => operation);
    expect(operations("absent")).toEqual([
      "CreateLogGroup",
      "PutRetentionPolicy",
      "CreateModel",
      "CreateEndpointConfig",
      "PutMetricAlarm",
      "CreateEndpoint",
      "RegisterScalableTarget",
      "PutScalingPolicy",
      "PutScalingPolicy",
      "PutMetricAlarm",
    ]);
    expect(operations("present")[5]).toBe("UpdateEndpoint");
    expect(toCalls(aPlan("batch"), "present")).toEqual(toCalls(aPlan("batch"), "absent"));
  });
});

describe("an update", () => {
  const updateOf = (mode: DeployMode, flags: Flags = {}) => inputOf(allCalls(mode, flags), "UpdateEndpoint");

  it("keeps a fleet that has grown, and counts anew where nobody scales", () => {
    expect(updateOf("async")).toMatchObject({ RetainAllVariantProperties: true });
    expect(updateOf("async")).not.toHaveProperty("ExcludeRetainedVariantProperties");
    expect(updateOf("sync", { "rps-per-instance": "5" })).not.toHaveProperty("ExcludeRetainedVariantProperties");
    expect(updateOf("sync")).toMatchObject({
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: [{ VariantPropertyType: "DesiredInstanceCount" }],
    });
    expect(updateOf("serverless")).not.toHaveProperty("RetainAllVariantProperties");
  });

  it.each([
    [{}, { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 600 }, 2400],
    [
      { strategy: "canary", "shift-percent": "5" },
      { Type: "CANARY", WaitIntervalInSeconds: 600, CanarySize: { Type: "CAPACITY_PERCENT", Value: 5 } },
      3000,
    ],
    [
      { strategy: "linear", "termination-wait-s": "120" },
      { Type: "LINEAR", WaitIntervalInSeconds: 600, LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 25 } },
      4320,
    ],
  ])("by %j moves traffic by %j within %i s", (flags, routing, longest) => {
    const { DeploymentConfig } = updateOf("sync", flags) as { DeploymentConfig: { BlueGreenUpdatePolicy: Input } };
    expect(DeploymentConfig.BlueGreenUpdatePolicy).toMatchObject({
      TrafficRoutingConfiguration: routing,
      MaximumExecutionTimeoutInSeconds: longest,
    });
  });

  it("that rolls has no other policy beside it, and more time for more batches", () => {
    const { DeploymentConfig } = updateOf("sync", { strategy: "rolling" });
    expect(DeploymentConfig).toMatchObject({
      RollingUpdatePolicy: {
        MaximumBatchSize: { Type: "CAPACITY_PERCENT", Value: 25 },
        WaitIntervalInSeconds: 600,
        MaximumExecutionTimeoutInSeconds: 9600,
      },
    });
    expect(DeploymentConfig).not.toHaveProperty("BlueGreenUpdatePolicy");
  });

  it("goes back by alarms that are put before it, watch the new fleet alone, and can fire while it is watched", () => {
    const plan = aPlan("sync");
    const alarms = plan.prepare.filter(({ operation }) => operation === "PutMetricAlarm");
    const { DeploymentConfig } = plan.update!.input as { DeploymentConfig: Input };
    expect(DeploymentConfig.AutoRollbackConfiguration).toEqual({
      Alarms: alarms.map(({ input }) => ({ AlarmName: input.AlarmName })),
    });
    const [errors, latency] = alarms.map(({ input }) => input);
    for (const alarm of [errors!, latency!]) {
      expect(alarm.Dimensions).toEqual([
        { Name: "EndpointName", Value: "look" },
        { Name: "VariantName", Value: "AllTraffic" },
        { Name: "EndpointConfigName", Value: plan.names.endpointConfig },
      ]);
      expect(Number(alarm.Period) * Number(alarm.EvaluationPeriods)).toBeLessThan(600);
    }
    // A share, of which the metric's average has at most 1; microseconds, of which 600 ms has six hundred thousand.
    expect(errors).toMatchObject({ MetricName: "Invocation5XXErrors", Statistic: "Average", Threshold: 0.02 });
    expect(latency).toMatchObject({ MetricName: "ModelLatency", ExtendedStatistic: "p99", Threshold: 600_000 });
  });

  it("never goes back by itself where that was asked for", () => {
    const plan = aPlan("sync", { "no-rollback-alarms": true });
    expect(plan.update!.input.DeploymentConfig).not.toHaveProperty("AutoRollbackConfiguration");
    expect(plan.prepare.some(({ operation }) => operation === "PutMetricAlarm")).toBe(false);
  });
});

describe("an async endpoint", () => {
  it("scales to zero for real: target, two policies, and the alarm that wakes it", () => {
    const { finish } = aPlan("async");
    const [target, tracking, wakeUp, alarm] = finish.map(({ input }) => input);
    const place = {
      ServiceNamespace: "sagemaker",
      ResourceId: "endpoint/look-async/variant/AllTraffic",
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
    };
    expect(target).toEqual({ ...place, MinCapacity: 0, MaxCapacity: 2 });
    expect(tracking).toMatchObject({
      ...place,
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 5,
        CustomizedMetricSpecification: {
          MetricName: "ApproximateBacklogSizePerInstance",
          Namespace: "AWS/SageMaker",
          Dimensions: [{ Name: "EndpointName", Value: "look-async" }],
          Statistic: "Average",
        },
      },
    });
    expect(wakeUp).toMatchObject({
      PolicyName: "HasBacklogWithoutCapacity-ScalingPolicy",
      PolicyType: "StepScaling",
      StepScalingPolicyConfiguration: {
        AdjustmentType: "ChangeInCapacity",
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
      },
    });
    expect(alarm).toMatchObject({
      MetricName: "HasBacklogWithoutCapacity",
      Dimensions: [{ Name: "EndpointName", Value: "look-async" }],
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "missing",
      AlarmActions: ["{{PutScalingPolicy HasBacklogWithoutCapacity-ScalingPolicy PolicyARN}}"],
    });
  });

  it("that keeps an instance needs nobody to wake it", () => {
    expect(aPlan("async", { "min-instances": "1" }).finish.map(({ operation }) => operation)).toEqual([
      "RegisterScalableTarget",
      "PutScalingPolicy",
    ]);
  });
});

describe("a transform job", () => {
  it("reads lines by the line, and pictures one by one", () => {
    expect(inputOf(allCalls("batch"), "CreateTransformJob")).toMatchObject({
      BatchStrategy: "MultiRecord",
      TransformInput: { ContentType: "application/jsonlines", SplitType: "Line" },
      TransformOutput: { Accept: "application/jsonlines", AssembleWith: "Line" },
    });
    const pictures = inputOf(allCalls("batch", { "content-type": "image/png" }), "CreateTransformJob");
    expect(pictures).not.toHaveProperty("BatchStrategy");
    expect(pictures).toMatchObject({
      TransformInput: { ContentType: "image/png", SplitType: "None" },
      TransformOutput: { Accept: "application/json", AssembleWith: "None" },
    });
  });
});
