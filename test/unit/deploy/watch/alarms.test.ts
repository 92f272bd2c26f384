import { describe, expect, it } from "vitest";
import { validateCall } from "../../../../deploy/models/validate-call.js";
import type { PlannedCall } from "../../../../deploy/planned-call.js";
import { usualLimits } from "../../../../deploy/watch/alarm-limits.js";
import { planAlarms, type WatchedEndpoint } from "../../../../deploy/watch/alarms.js";
import { alarmStates } from "../../../support/alarm-evaluator.js";

const topicArn = "arn:aws:sns:us-east-1:123456789012:alarms";
const named = { endpointName: "look", variants: ["AllTraffic"], topicArn };
const onCpu: WatchedEndpoint = { ...named, mode: "sync", machine: { vcpus: 2, gpus: 0 } };
const onGpu: WatchedEndpoint = { ...named, mode: "sync", machine: { vcpus: 4, gpus: 1 } };
const queued: WatchedEndpoint = { ...named, mode: "async", machine: { vcpus: 4, gpus: 1 } };
const serverless: WatchedEndpoint = { ...named, mode: "serverless", machine: null, hasProvisioned: true };

function plan(endpoint: WatchedEndpoint): readonly PlannedCall[] {
  const limits = usualLimits({
    gpus: endpoint.machine?.gpus ?? 0,
    isServerless: endpoint.mode === "serverless",
  });
  return planAlarms(endpoint, limits);
}

function alarm(endpoint: WatchedEndpoint, purpose: string): PlannedCall {
  const found = plan(endpoint).find(({ input }) => input.AlarmName === `stygig/look/${purpose}`);
  if (found === undefined) throw new Error(`no alarm ${purpose}`);
  return found;
}

function purposesOf(endpoint: WatchedEndpoint): readonly string[] {
  return plan(endpoint).map(({ input }) => (input.AlarmName as string).replace("stygig/look/", ""));
}

/** The metrics of an alarm, whether it has one or a formula. */
function metricsOf({ input }: PlannedCall) {
  type Named = Readonly<{ MetricName: string; Namespace: string; Dimensions: readonly { Name: string }[] }>;
  const queries = (input.Metrics ?? []) as readonly Readonly<{ MetricStat?: { Metric: Named } }>[];
  return input.MetricName === undefined
    ? queries.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric]))
    : [input as unknown as Named];
}

describe.each([
  ["on CPUs", onCpu],
  ["on a GPU", onGpu],
  ["with a queue", queued],
  ["serverless", serverless],
])("an endpoint %s", (_, endpoint) => {
  it("has alarms that CloudWatch takes, each under a name of its own", () => {
    expect(plan(endpoint).flatMap(validateCall)).toEqual([]);
    const names = plan({ ...endpoint, variants: ["v1", "v2"] }).map(({ input }) => input.AlarmName);
    expect(new Set(names).size).toBe(names.length);
  });

  it("has alarms that CloudWatch takes with the longest names and nobody to tell", () => {
    const longest = "a".repeat(63);
    const calls = plan({ ...endpoint, endpointName: longest, variants: [longest], topicArn: null });
    expect(calls.flatMap(validateCall)).toEqual([]);
    expect(calls.map(({ input }) => input.AlarmActions)).toEqual(calls.map(() => []));
  });

  it("asks for metrics where they are published: by endpoint and variant, the queue's by endpoint alone", () => {
    for (const { MetricName, Namespace, Dimensions } of plan(endpoint).flatMap(metricsOf)) {
      const isQueue = MetricName.startsWith("Approximate");
      expect(Dimensions.map(({ Name }) => Name)).toEqual(isQueue ? ["EndpointName"] : ["EndpointName", "VariantName"]);
      const isMachine = /^(CPU|Memory|GPU|GPUMemory|Disk)Utilization$/.test(MetricName);
      expect(Namespace).toBe(isMachine ? "/aws/sagemaker/Endpoints" : "AWS/SageMaker");
    }
  });

  it("tells the topic when it is bad and when it is good again, and never of missing data", () => {
    for (const { input } of plan(endpoint)) {
      expect(input).toMatchObject({ AlarmActions: [topicArn], OKActions: [topicArn], ActionsEnabled: true });
      expect(input).not.toHaveProperty("InsufficientDataActions");
    }
  });

  it("counts a minute without data as fine, but for machines, which should always report", () => {
    for (const call of plan(endpoint)) {
      const isMachine = metricsOf(call).every(({ Namespace }) => Namespace === "/aws/sagemaker/Endpoints");
      expect(call.input.TreatMissingData).toBe(isMachine ? "missing" : "notBreaching");
    }
  });
});

describe("which alarms there are", () => {
  const always = ["AllTraffic/errors", "AllTraffic/latency"];
  it("depends on the mode and on what it runs on", () => {
    expect(purposesOf(onCpu)).toEqual([
      ...always,
      "AllTraffic/overhead",
      "AllTraffic/memory",
      "AllTraffic/cpu",
      "AllTraffic/disk",
    ]);
    expect(purposesOf(onGpu).slice(-2)).toEqual(["AllTraffic/gpu", "AllTraffic/gpu-memory"]);
    expect(purposesOf(serverless)).toEqual([
      ...[...always, "AllTraffic/overhead", "AllTraffic/memory"],
      ...["AllTraffic/concurrency", "AllTraffic/spillover"],
    ]);
    // No OverheadLatency and no Invocations are published for async endpoints.
    const names = plan(queued)
      .flatMap(metricsOf)
      .map(({ MetricName }) => MetricName);
    expect(names).not.toContain("OverheadLatency");
    expect(names).not.toContain("Invocations");
    expect(names).toEqual(
      expect.arrayContaining([
        "ApproximateAgeOfOldestRequest",
        "InvocationFailures",
        "ApproximateBacklogSizePerInstance",
      ]),
    );
  });

  it("says nothing of provisioned concurrency where there is none", () => {
    expect(purposesOf({ ...serverless, hasProvisioned: false })).not.toContain("AllTraffic/spillover");
  });
});

describe("thresholds", () => {
  it("of latency are in microseconds: 500 ms are 500,000", () => {
    const [, latency] = planAlarms(onCpu, { ...usualLimits({ gpus: 0, isServerless: false }), p99Ms: 500 });
    expect(latency!.input).toMatchObject({ MetricName: "ModelLatency", ExtendedStatistic: "p99", Threshold: 500_000 });
    expect(alarm(onGpu, "AllTraffic/latency").input.Threshold).toBe(300_000);
    expect(alarm(onCpu, "AllTraffic/overhead").input.Threshold).toBe(500_000);
  });

  it("of CPUs and GPUs grow with their number, which the metric adds up", () => {
    expect(alarm(onCpu, "AllTraffic/cpu").input.Threshold).toBe(160);
    expect(alarm(onGpu, "AllTraffic/cpu").input.Threshold).toBe(320);
    const four: WatchedEndpoint = { ...onGpu, machine: { vcpus: 48, gpus: 4 } };
    expect(alarm(four, "AllTraffic/gpu").input.Threshold).toBe(380);
    expect(alarm(four, "AllTraffic/gpu-memory").input.Threshold).toBe(360);
    expect(alarm(four, "AllTraffic/memory").input.Threshold).toBe(90);
  });
});

describe("the rate of failures", () => {
  const minutes = (errors: number, requests: number, count = 5) =>
    Array.from({ length: count }, () => ({
      "Invocation5XXErrors Sum": errors,
      "Invocation5XXErrors SampleCount": requests,
      "Invocations Sum": requests,
    }));

  it.each([onCpu, queued, serverless])("is red at 1 %% of requests: $mode", (endpoint) => {
    const errors = alarm(endpoint, "AllTraffic/errors");
    expect(alarmStates(errors, minutes(2, 200))).toEqual([false, false, true, true, true]);
    expect(alarmStates(errors, minutes(2, 201))).not.toContain(true);
    expect(alarmStates(errors, minutes(5, 5, 3)).at(-1)).toBe(true);
  });

  it("is not red for one failed request, or without any request", () => {
    expect(alarmStates(alarm(onCpu, "AllTraffic/errors"), minutes(1, 1))).not.toContain(true);
    expect(alarmStates(alarm(onCpu, "AllTraffic/errors"), [{}, {}, {}, {}, {}])).not.toContain(true);
  });
});

it("a queued request that got no answer is told at once", () => {
  for (const purpose of ["invocation-failures", "expired-requests", "notification-failures"]) {
    const call = alarm(queued, `AllTraffic/${purpose}`);
    expect(alarmStates(call, [{ [`${call.input.MetricName} Sum`]: 1 }])).toEqual([true]);
  }
});
