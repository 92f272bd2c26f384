import { expect, it } from "vitest";
import { validateCall } from "../../../../deploy/models/validate-call.js";
import {
  type NewFleet,
  planRollbackAlarms,
  toRollbackConfiguration,
} from "../../../../deploy/watch/rollback-alarms.js";

const fleet: NewFleet = {
  endpointName: "look",
  configName: "look-0a1b2c3d",
  variants: ["AllTraffic"],
  p99Ms: 300,
  topicArn: "arn:aws:sns:us-east-1:123456789012:alarms",
};
const longestName = "a".repeat(63);

it("watches failures and latency of the new fleet alone", () => {
  const [errors, latency] = planRollbackAlarms(fleet);
  expect(errors!.input).toEqual({
    AlarmName: "stygig/look/AllTraffic/rollback-errors/look-0a1b2c3d",
    AlarmDescription: "More than 2 % of the new fleet's requests end with a 5xx. Undoes the update.",
    ActionsEnabled: true,
    AlarmActions: ["arn:aws:sns:us-east-1:123456789012:alarms"],
    OKActions: [],
    Namespace: "AWS/SageMaker",
    MetricName: "Invocation5XXErrors",
    Dimensions: [
      { Name: "EndpointName", Value: "look" },
      { Name: "VariantName", Value: "AllTraffic" },
      { Name: "EndpointConfigName", Value: "look-0a1b2c3d" },
    ],
    Period: 60,
    Statistic: "Average",
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    Threshold: 0.02,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
  });
  expect(latency!.input).toMatchObject({ MetricName: "ModelLatency", ExtendedStatistic: "p99", Threshold: 300_000 });
});

it("can fire: an average of zeros and ones can be above the limit", () => {
  for (const { input } of planRollbackAlarms(fleet)) {
    if (input.MetricName !== "Invocation5XXErrors") continue;
    expect(input).toMatchObject({ Statistic: "Average", ComparisonOperator: "GreaterThanThreshold" });
    expect(input.Threshold).toBeLessThan(1);
  }
});

it("has other alarms for another configuration, so that an old red one stops nothing", () => {
  const namesOf = (configName: string) =>
    toRollbackConfiguration(planRollbackAlarms({ ...fleet, configName })).Alarms.map(({ AlarmName }) => AlarmName);
  expect(namesOf("look-2").filter((name) => namesOf("look-1").includes(name))).toEqual([]);
});

it.each([1, 2, 5, 6, 10])("names at most ten alarms for %i variants, and each variant's failures", (count) => {
  const variants = Array.from({ length: count }, (_, index) => `v${index}`);
  const alarms = planRollbackAlarms({ ...fleet, variants });
  expect(alarms.length).toBeLessThanOrEqual(10);
  expect(alarms.filter(({ input }) => input.MetricName === "Invocation5XXErrors")).toHaveLength(count);
});

it("is what CloudWatch and SageMaker take, the longest names included", () => {
  const names = { endpointName: longestName, configName: longestName, variants: [longestName] };
  for (const topicArn of [fleet.topicArn, null]) {
    const alarms = planRollbackAlarms({ ...fleet, ...names, topicArn });
    expect(alarms.flatMap(validateCall)).toEqual([]);
    const input = {
      EndpointName: longestName,
      EndpointConfigName: longestName,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 0 } },
        AutoRollbackConfiguration: toRollbackConfiguration(alarms),
      },
    };
    expect(validateCall({ service: "sagemaker", operation: "UpdateEndpoint", input })).toEqual([]);
  }
});
