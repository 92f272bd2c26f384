import { describe, expect, it } from "vitest";
import { describeCall } from "../../../deploy/describe-call.js";
import { toCalls } from "../../../deploy/plan.js";
import type { DeployMode } from "../../../deploy/spec.js";
import type { Flags } from "../../../deploy/spec-flags.js";
import { aPlan } from "../../support/a-deployment.js";

function describeAll(mode: DeployMode, flags: Flags = {}): Readonly<Record<string, readonly string[]>> {
  const plan = aPlan(mode, flags);
  const calls = [...new Set([...toCalls(plan, "absent"), ...toCalls(plan, "present")])];
  const lines = calls.map((call) => {
    const { subject, details } = describeCall(call);
    return { operation: call.operation, line: `${subject}: ${details}` };
  });
  return Object.fromEntries(
    lines.map(({ operation }) => [
      operation,
      lines.filter((each) => each.operation === operation).map(({ line }) => line),
    ]),
  );
}

describe("a call in words", () => {
  it("says what an endpoint is made of, and with which limits", () => {
    const { endpointConfig, model } = aPlan("sync").names;
    const words = describeAll("sync", { "rps-per-instance": "10" });
    expect(words.CreateModel).toEqual([
      `${model}: 123456789012.dkr.ecr.us-east-1.amazonaws.com/stygig:1.2.3-cpu with s3://models/look.tar.gz`,
    ]);
    expect(words.CreateEndpointConfig).toEqual([`${endpointConfig}: 1 x ml.c7i.xlarge`]);
    expect(words.CreateEndpoint).toEqual([`look: on ${endpointConfig}`]);
    expect(words.UpdateEndpoint).toEqual([
      `look: to ${endpointConfig}, all at once, watched 600 s, back by itself on alarm (2)`,
    ]);
    expect(words.PutMetricAlarm).toEqual([
      `stygig/look/rollback-errors/${endpointConfig}: Average of Invocation5XXErrors beyond 0.02 in 2 of 3 minutes`,
      `stygig/look/rollback-latency/${endpointConfig}: p99 of ModelLatency beyond 600000 microseconds in 2 of 3 minutes`,
    ]);
    expect(words.RegisterScalableTarget).toEqual(["endpoint/look/variant/AllTraffic: 1 to 2 instances"]);
    expect(words.PutScalingPolicy).toEqual([
      "RequestsPerInstance-ScalingPolicy: keeps SageMakerVariantInvocationsPerInstance at 300",
    ]);
    expect(words.PutRetentionPolicy).toEqual(["/aws/sagemaker/Endpoints/look: 30 days"]);
  });

  it.each([
    [{ strategy: "canary" }, "canary by 10 %, watched 600 s, back by itself on alarm (2)"],
    [{ strategy: "rolling", "shift-percent": "50" }, "rolling by 50 %, watched 600 s, back by itself on alarm (2)"],
    [{ "no-rollback-alarms": true }, "all at once, watched 600 s, never back by itself"],
  ])("says how %j updates", (flags, words) => {
    expect(describeAll("sync", flags).UpdateEndpoint).toEqual([expect.stringContaining(words)]);
  });

  it("says where answers go, how serverless is bounded, and what a job reads", () => {
    expect(describeAll("async").CreateEndpointConfig).toEqual([
      expect.stringContaining("1 x ml.g4dn.xlarge; answers to s3://results/looks/"),
    ]);
    expect(describeAll("async").PutScalingPolicy).toContain(
      "HasBacklogWithoutCapacity-ScalingPolicy: adds 1 when its alarm fires",
    );
    expect(describeAll("serverless").CreateEndpointConfig).toEqual([
      expect.stringContaining("serverless, 3072 MB, 5 at once"),
    ]);
    expect(describeAll("batch").CreateTransformJob).toEqual([
      "look-batch-1: s3://photos/today.jsonl to s3://results/today/ on 1 x ml.c7i.xlarge",
    ]);
  });

  it("that we have no words for has its subject, or nothing", () => {
    expect(describeCall({ service: "sagemaker", operation: "DeleteModel", input: { ModelName: "look" } })).toEqual({
      subject: "look",
      details: "",
    });
    expect(describeCall({ service: "sts", operation: "toString", input: {} })).toEqual({ subject: "", details: "" });
  });
});
