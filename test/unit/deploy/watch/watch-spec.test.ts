import { describe, expect, it } from "vitest";
import { validateCall } from "../../../../deploy/models/validate-call.js";
import type { Flags } from "../../../../deploy/spec-flags.js";
import { planWatch } from "../../../../deploy/watch/plan-watch.js";
import { parseServerWatch } from "../../../../deploy/watch/prometheus-rules.js";
import { parseWatchSpec, type WatchSpec } from "../../../../deploy/watch/watch-spec.js";

const enough: Flags = { "endpoint-name": "look", "instance-type": "ml.g4dn.xlarge", region: "us-east-1" };
const topic = "arn:aws:sns:us-east-1:123456789012:alarms";
const policyOf = (name: string) =>
  `arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:0a1b:resource/sagemaker/endpoint/look/variant/AllTraffic:policyName/${name}`;

function parsed(flags: Flags): WatchSpec {
  const spec = parseWatchSpec({ ...enough, ...flags }, {});
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  return spec.value;
}

function problemsOf(flags: Flags, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const spec = parseWatchSpec(flags, env);
  return "problems" in spec ? spec.problems : [];
}

describe("what is watched", () => {
  it("has the type's own vCPUs and GPUs, and the limits of such a machine", () => {
    expect(parsed({}).endpoint).toEqual({
      ...{ endpointName: "look", variants: ["AllTraffic"], topicArn: null, mode: "sync" },
      machine: { vcpus: 4, gpus: 1 },
    });
    expect(parsed({}).limits.p99Ms).toBe(300);
    expect(parsed({ "instance-type": "ml.m5.large" }).limits.p99Ms).toBe(600);
    expect(parsed({ "p99-ms": "500", "error-percent": "0.5" }).limits).toMatchObject({ p99Ms: 500, errorPercent: 0.5 });
  });

  it("takes the word of the caller for a type that we do not know", () => {
    const type = { "instance-type": "ml.p5.48xlarge" };
    expect(problemsOf({ ...enough, ...type })).toEqual([expect.stringContaining("give its --vcpus and --gpus")]);
    expect(parsed({ ...type, vcpus: "192", gpus: "8" }).endpoint.machine).toEqual({ vcpus: 192, gpus: 8 });
  });

  it("has its region from AWS_REGION where no flag names one", () => {
    const { region: _, ...flags } = enough;
    const spec = parseWatchSpec(flags, { AWS_REGION: "eu-west-1" });
    expect(spec).toMatchObject({ value: { region: "eu-west-1" } });
    expect(problemsOf(flags)).toEqual(["--region is missing, and AWS_REGION names none"]);
  });

  it("is refused with every problem at once", () => {
    expect(
      problemsOf({
        "endpoint-name": "-look_",
        variant: ["a b"],
        region: "mars",
        "sns-topic-arn": "alarms",
        "p99-ms": "fast",
        "oldest-request-s": "5",
        provisioned: true,
      }),
    ).toEqual([
      expect.stringContaining(
        '--variant must be at most 63 letters, digits and hyphens, with a letter or digit at both ends, not "a b"',
      ),
      expect.stringContaining("--endpoint-name must be"),
      expect.stringContaining("--sns-topic-arn must be the ARN of an SNS topic"),
      "--provisioned is for serverless endpoints, not for sync ones",
      expect.stringContaining("--instance-type is missing"),
      expect.stringContaining('--region must be a region such as us-east-1, not "mars"'),
      "--oldest-request-s: a sync endpoint has no queue",
      expect.stringContaining("--p99-ms must be a number above 0"),
    ]);
  });

  it("says that serverless endpoints have no machines", () => {
    expect(problemsOf({ ...enough, mode: "serverless", "scaling-rules": true, "sns-topic-arn": topic })).toEqual([
      "--instance-type: a serverless endpoint has no instances",
      "--scaling-rules: the platform scales serverless endpoints itself",
    ]);
  });
});

describe("the guide's scaling rules", () => {
  const scalingOf = (flags: Flags) =>
    planWatch(parsed(flags))
      .filter(({ input }) => (input.AlarmName as string).includes("/scale-"))
      .map(({ input }) => [input.AlarmName, input.AlarmActions]);

  it("are there when asked for, and tell the topic or set policies to work", () => {
    expect(scalingOf({ "sns-topic-arn": topic })).toEqual([]);
    expect(scalingOf({ "sns-topic-arn": topic, "scaling-rules": true, variant: ["old", "new"] })).toEqual([
      ["stygig/look/old/scale-up", [topic]],
      ["stygig/look/old/scale-down", [topic]],
      ["stygig/look/new/scale-up", [topic]],
      ["stygig/look/new/scale-down", [topic]],
    ]);
    const policies = { "scale-up-policy-arn": policyOf("up"), "scale-down-policy-arn": policyOf("down") };
    expect(scalingOf(policies).map(([, actions]) => actions)).toEqual([[policyOf("up")], [policyOf("down")]]);
    expect(planWatch(parsed(policies)).flatMap(validateCall)).toEqual([]);
  });

  it("are refused where they would tell nobody", () => {
    expect(problemsOf({ ...enough, "scaling-rules": true })).toEqual([
      expect.stringContaining(
        "--scaling-rules needs --scale-up-policy-arn and --scale-down-policy-arn, or --sns-topic-arn",
      ),
    ]);
  });
});

it("servers that Prometheus scrapes have limits by their flags, or every problem at once", () => {
  expect(parseServerWatch({})).toEqual({
    value: { job: "stygig", limits: { p99Ms: 600, errorPercent: 1, memoryBytes: null } },
  });
  expect(parseServerWatch({ gpus: "1", "memory-mib": "4096", job: "looks" })).toEqual({
    value: { job: "looks", limits: { p99Ms: 300, errorPercent: 1, memoryBytes: 2 ** 32 } },
  });
  expect(parseServerWatch({ gpus: "x", "memory-mib": "0", job: 'a"b' })).toMatchObject({
    problems: [
      expect.stringContaining("--gpus"),
      expect.stringContaining("--memory-mib"),
      expect.stringContaining("--job must be a scrape job's name"),
    ],
  });
});
