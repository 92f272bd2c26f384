import { describe, expect, it } from "vitest";
import { deployModes, parseDeploySpec } from "../../../deploy/spec.js";
import { aSpec, specProblems } from "../../support/a-deployment.js";
import { someSurroundings } from "../../support/deploy-flags.js";

const gpuAmi = "al2023-ami-sagemaker-inference-gpu-4-1";

describe("flags of a deployment", () => {
  it("name every problem at once, each with its flag", () => {
    const parsed = parseDeploySpec(
      "async",
      { "instance-count": "0", "max-concurrent": "1e3", env: ["A"] },
      {
        ...someSurroundings,
        env: {},
      },
    );
    const problems = "problems" in parsed ? parsed.problems : [];
    expect(problems).toEqual([
      expect.stringMatching(/^--instance-type is missing/),
      '--instance-count must be a whole number from 1 to 1000, not "0"',
      expect.stringMatching(/^--endpoint-name is missing/),
      expect.stringMatching(/^--region is missing/),
      expect.stringMatching(/^--role-arn is missing/),
      expect.stringMatching(/^--model-uri is missing/),
      expect.stringMatching(/^--env must be KEY=VALUE/),
      expect.stringMatching(/^--s3-output-path is missing/),
      '--max-concurrent must be a whole number from 1 to 1000, not "1e3"',
    ]);
  });

  it.each(deployModes)("of mode %s have a spec with the fewest of them", (mode) => {
    expect(aSpec(mode)).toMatchObject({
      mode,
      region: "us-east-1",
      accountId: "123456789012",
      modelVersion: null,
      tags: { "stygig:version": "1.2.3" },
    });
  });

  it.each([
    ["-look", "--endpoint-name must be at most 63"],
    ["look_1", "--endpoint-name must be at most 63"],
    ["löok", "--endpoint-name must be at most 63"],
    ["a".repeat(64), "--endpoint-name must be at most 63"],
  ])("refuse the name %s", (name, problem) => {
    expect(specProblems("sync", { "endpoint-name": name })).toEqual(
      expect.arrayContaining([expect.stringContaining(problem)]),
    );
  });

  it.each([
    "s3://m/look.tar.gz",
    "s3://models/look.zip",
    "https://models/look.tar.gz",
    "s3://models/.tar.gz",
    "s3://Models/look.tar.gz",
    "look.tar.gz",
  ])("refuse the artifact %s", (uri) => {
    expect(specProblems("sync", { "model-uri": uri })).toEqual([
      `--model-uri must be s3://bucket/<...>.tar.gz, the bucket of 3 to 63 characters, not "${uri}"`,
    ]);
  });
});

describe("region and role", () => {
  const role = "arn:aws:iam::210987654321:role/other";
  it("come from the flag, else the environment, else the profile", () => {
    const profile = { region: "eu-west-1", roleArn: role };
    expect(aSpec("sync", { region: "ap-south-1", "role-arn": role }, { profile })).toMatchObject({
      region: "ap-south-1",
      roleArn: role,
    });
    expect(aSpec("sync", {}, { profile }).region).toBe("us-east-1");
    expect(aSpec("sync", {}, { env: { AWS_DEFAULT_REGION: "us-west-2" }, profile })).toMatchObject({
      region: "us-west-2",
      roleArn: role,
    });
    expect(aSpec("sync", {}, { env: {}, profile }).region).toBe("eu-west-1");
  });

  it("are refused when they are none", () => {
    expect(specProblems("sync", { region: "mars", "role-arn": "admin" })).toEqual([
      '--region must be a region such as us-east-1, not "mars"',
      expect.stringMatching(/^--role-arn must be a role's ARN.*not "admin"$/),
    ]);
  });
});

describe("the image", () => {
  it("is the flag's, the environment's, or the account's own for the instance type", () => {
    const env = { ...someSurroundings.env, STYGIG_IMAGE_URI: "registry/look:1" };
    expect(aSpec("sync", { "image-uri": "registry/look:2" }, { env }).imageUri).toBe("registry/look:2");
    expect(aSpec("sync", {}, { env }).imageUri).toBe("registry/look:1");
    const usual = "123456789012.dkr.ecr.us-east-1.amazonaws.com/stygig:1.2.3";
    expect(aSpec("sync").imageUri).toBe(`${usual}-cpu`);
    expect(aSpec("sync", { "instance-type": "ml.g6.xlarge" }).imageUri).toBe(`${usual}-gpu`);
    expect(aSpec("serverless").imageUri).toBe(`${usual}-cpu`);
  });

  it("must be of the same region", () => {
    const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/stygig:1";
    expect(specProblems("sync", { "image-uri": image })).toEqual([
      "--image-uri is in eu-west-1; endpoints and jobs in us-east-1 take images from there alone",
    ]);
  });
});

describe("the environment", () => {
  it("tells the container what the platform does not", () => {
    const usual = { AWS_REGION: "us-east-1", STYGIG_VARIANT_NAME: "AllTraffic" };
    expect(aSpec("sync").environment).toEqual({ ...usual, STYGIG_EMF_DIMENSIONS: "EndpointName=look" });
    expect(aSpec("async").environment).toMatchObject({ ...usual, STYGIG_ASYNC: "true" });
    expect(aSpec("batch").environment).toEqual({ AWS_REGION: "us-east-1" });
    const env = ["STYGIG_MAX_BATCH=4", "NOTE=a=b"];
    expect(aSpec("sync", { env }).environment).toMatchObject({ STYGIG_MAX_BATCH: "4", NOTE: "a=b" });
  });

  it("is what the server would refuse to start with", () => {
    expect(specProblems("sync", { env: ["STYGIG_MAX_BACH=4", "STYGIG_MAX_IN_FLIGHT=many"] })).toEqual([
      expect.stringMatching(/^--env: STYGIG_MAX_IN_FLIGHT must be a whole number/),
      "--env: STYGIG_MAX_BACH is not a variable of this server.",
    ]);
  });

  it.each([["9A=1"], ["=1"], ["A B=1"], [`A=${"x".repeat(1025)}`]])("is refused as %s", (text) => {
    expect(specProblems("sync", { env: [text] })).toEqual([expect.stringMatching(/^--env must be KEY=VALUE/)]);
  });

  it("cannot contradict the mode, nor exceed what a container may have", () => {
    expect(specProblems("sync", { env: ["ASYNC_INFERENCE=true"] })).toEqual([
      "--env ASYNC_INFERENCE cannot be set: the mode, sync, sets it",
    ]);
    const many = Array.from({ length: 98 }, (_, i) => `V${i}=${"x".repeat(400)}`);
    expect(specProblems("sync", { env: many })).toEqual([
      "--env: at most 100 variables, not 101",
      expect.stringMatching(/^--env: at most 32768 bytes in all, not 39/),
    ]);
  });
});

describe("instances", () => {
  it.each([
    ["ml.g4dn.xlarge", gpuAmi],
    ["ml.g5.2xlarge", gpuAmi],
    ["ml.g6.xlarge", gpuAmi],
    ["ml.g7e.2xlarge", null],
    ["ml.c7i.xlarge", null],
  ])("of type %s have the host image %s", (type, ami) => {
    const hosts = { inferenceAmiVersion: ami, hasGpu: !type.includes("c7i"), startupTimeoutS: 600 };
    expect(aSpec("sync", { "instance-type": type }).hosts).toMatchObject(hosts);
  });

  it("take another host image where the GPU image was built for another CUDA", () => {
    const older = "al2-ami-sagemaker-inference-gpu-2-1";
    const spec = aSpec("sync", { "instance-type": "ml.g5.xlarge", "inference-ami-version": older });
    expect(spec.hosts.inferenceAmiVersion).toBe(older);
  });

  it.each([
    ["ml.t3.large", "is not a type that SageMaker has for endpoints"],
    ["g4dn.xlarge", "is not a type that SageMaker has for endpoints"],
    ["ml.p3.2xlarge", "CUDA 13 of our GPU image does not run on its GPU any more"],
    ["ml.inf2.xlarge", "its accelerator is none that our images can use"],
    ["ml.c7g.xlarge", "runs arm64 images, and this one is amd64"],
    ["ml.c6gn.xlarge", "runs arm64 images"],
    ["ml.r7gd.large", "runs arm64 images"],
  ])("of type %s are refused", (type, problem) => {
    expect(specProblems("sync", { "instance-type": type })).toEqual([expect.stringContaining(problem)]);
  });

  it("with Graviton take arm64 images, and no other takes them", () => {
    expect(aSpec("sync", { "instance-type": "ml.c7g.xlarge", "image-arch": "arm64" }).hosts.hasGpu).toBe(false);
    expect(specProblems("sync", { "image-arch": "arm64" })).toEqual([expect.stringContaining("runs amd64 images")]);
  });

  it("are chosen where somebody can choose, and its rate scales them", () => {
    const choice = {
      instanceType: "ml.c6i.xlarge",
      instanceCount: 3,
      requestsPerSecond: 40,
      basis: "measured",
    } as const;
    const chooseInstance = () => ({ value: { ...choice, reason: "cheapest", warnings: ["no VNNI"] } });
    const spec = aSpec("sync", { "instance-type": "auto" }, { chooseInstance });
    expect(spec.hosts).toMatchObject({ instanceType: "ml.c6i.xlarge", instanceCount: 3, choice });
    expect(spec.scaling).toEqual({
      minInstances: 3,
      maxInstances: 6,
      requestsPerSecond: 40,
      invocationsPerMinute: 1200,
    });
    const refusing = () => ({ problems: ["--rps 9000 is more than anything bears"] as [string] });
    expect(specProblems("sync", { "instance-type": "auto" }, { chooseInstance: refusing })).toEqual([
      "--rps 9000 is more than anything bears",
    ]);
  });

  it("must be named where nobody can choose", () => {
    for (const type of ["auto", undefined]) {
      expect(specProblems("sync", { "instance-type": type })).toEqual([
        expect.stringMatching(/^--instance-type is missing: .*auto is not available$/),
      ]);
    }
  });
});

describe("scaling", () => {
  it("of a sync endpoint follows from a measured rate, half of which is its target", () => {
    expect(aSpec("sync").scaling).toBeNull();
    expect(aSpec("sync", { "rps-per-instance": "12.5", "instance-count": "2" }).scaling).toEqual({
      minInstances: 2,
      maxInstances: 4,
      requestsPerSecond: 12.5,
      invocationsPerMinute: 375,
    });
    expect(specProblems("sync", { "max-instances": "4" })).toEqual([
      expect.stringContaining("--max-instances needs --rps-per-instance"),
    ]);
  });

  it("of an async endpoint goes to zero unless told otherwise", () => {
    expect(aSpec("async").scaling).toEqual({ minInstances: 0, maxInstances: 2, backlogPerInstance: 5 });
    const flags = { "min-instances": "1", "max-instances": "3", "backlog-per-instance": "9" };
    expect(aSpec("async", flags).scaling).toEqual({ minInstances: 1, maxInstances: 3, backlogPerInstance: 9 });
  });

  it.each([
    [{ "min-instances": "3", "max-instances": "2" }, "--min-instances, 3, must not exceed --max-instances, 2"],
    [{ "instance-count": "5", "max-instances": "2" }, "--instance-count, 5, must lie between"],
    [{ "instance-type": "ml.t2.medium" }, "is burstable and cannot be scaled"],
    [{ "backlog-per-instance": "0" }, "--backlog-per-instance must be a whole number from 1"],
  ])("is refused with %j", (flags, problem) => {
    expect(specProblems("async", flags)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
  });

  it("of a sync endpoint cannot reach zero", () => {
    expect(specProblems("sync", { "rps-per-instance": "1", "min-instances": "0" })).toEqual([
      '--min-instances must be a whole number from 1 to 1000, not "0"',
    ]);
  });
});

describe("updates", () => {
  it("are all at once, watched for ten minutes, and go back by V4's limits", () => {
    expect(aSpec("sync").update).toEqual({
      policy: { kind: "all-at-once" },
      bakeS: 600,
      terminationWaitS: 0,
      rollback: { maxErrorPercent: 2, maxP99Ms: 600 },
      logRetentionDays: 30,
    });
    expect(aSpec("sync", { "instance-type": "ml.g4dn.xlarge" }).update.rollback?.maxP99Ms).toBe(300);
    expect(aSpec("async").update.rollback).toEqual({ maxErrorPercent: 2, maxP99Ms: null });
    expect(aSpec("sync", { "no-rollback-alarms": true, "bake-s": "0" }).update).toMatchObject({ rollback: null });
  });

  it.each([
    [{ strategy: "canary" }, { kind: "canary", percent: 10 }],
    [
      { strategy: "linear", "shift-percent": "50" },
      { kind: "linear", percent: 50 },
    ],
    [{ strategy: "rolling" }, { kind: "rolling", percent: 25 }],
  ])("by %j have the policy %j", (flags, policy) => {
    expect(aSpec("sync", flags).update.policy).toEqual(policy);
  });

  it.each([
    [{ strategy: "canary", "shift-percent": "51" }, "--shift-percent must be a whole number from 1 to 50"],
    [{ strategy: "linear", "shift-percent": "9" }, "--shift-percent must be a whole number from 10 to 50"],
    [{ strategy: "rolling", "shift-percent": "4" }, "--shift-percent must be a whole number from 5 to 50"],
    [{ "shift-percent": "10" }, "--shift-percent needs --strategy"],
    [{ strategy: "blue" }, "--strategy must be all-at-once, canary, linear or rolling"],
    [{ "bake-s": "299" }, "--bake-s must be at least 300: no alarm fires before"],
    [{ "bake-s": "3601" }, "--bake-s must be a whole number from 0 to 3600"],
    [{ strategy: "rolling", "shift-percent": "5", "bake-s": "1800" }, "the waits alone take 36000 s"],
    [{ "log-retention-days": "31" }, "--log-retention-days must be 1, 3, 5"],
    [{ "max-error-percent": "0" }, "--max-error-percent must be a number above 0"],
    [{ "max-p99-ms": "9", "no-rollback-alarms": true }, "--max-p99-ms is the limit of an alarm, and --no-rollback"],
    [{ "termination-wait-s": "9", strategy: "rolling" }, "--strategy rolling has none left then"],
    [{ rps: "5" }, "--rps is for --instance-type auto alone"],
    [{ "inference-ami-version": "al2-ami-sagemaker-inference-gpu-2" }, "is for GPUs, and ml.c7i.xlarge has none"],
  ])("are refused with %j", (flags, problem) => {
    expect(specProblems("sync", flags)).toEqual([expect.stringContaining(problem)]);
  });
});

describe("an async endpoint's output", () => {
  it("has folders, V4's ten at once and one topic for both kinds of news", () => {
    expect(aSpec("async").output).toEqual({
      outputUri: "s3://results/looks/",
      failureUri: "s3://results/looks/failures/",
      successTopicArn: null,
      errorTopicArn: null,
      maxConcurrentPerInstance: 10,
    });
    const topic = "arn:aws:sns:us-east-1:123456789012:looks";
    expect(aSpec("async", { "sns-topic-arn": topic }).output).toMatchObject({
      successTopicArn: topic,
      errorTopicArn: topic,
    });
    const errors = { "sns-topic-arn": topic, "sns-error-topic-arn": `${topic}-failed` };
    expect(aSpec("async", errors).output.errorTopicArn).toBe(`${topic}-failed`);
  });

  it("is refused where it cannot be written or told", () => {
    const flags = { "s3-output-path": "results", "sns-topic-arn": "arn:aws:sns:eu-west-1:123456789012:looks" };
    expect(specProblems("async", { ...flags, "sns-error-topic-arn": "looks" })).toEqual([
      expect.stringContaining('--s3-output-path must be s3://bucket/folder/ of at most 512 characters, not "results"'),
      "--sns-topic-arn is in eu-west-1, not in us-east-1",
      '--sns-error-topic-arn must be an SNS topic\'s ARN, not "looks"',
    ]);
  });
});

describe("a serverless endpoint", () => {
  it("has one of six sizes and a concurrency", () => {
    expect(aSpec("serverless").serverless).toEqual({ memoryMb: 3072, maxConcurrency: 5, provisionedConcurrency: null });
    const flags = { "memory-mb": "6144", "max-concurrency": "20", "provisioned-concurrency": "2" };
    expect(aSpec("serverless", flags).serverless).toEqual({
      memoryMb: 6144,
      maxConcurrency: 20,
      provisionedConcurrency: 2,
    });
  });

  it.each([
    [{ "memory-mb": "4000" }, "--memory-mb must be 1024, 2048, 3072, 4096, 5120 or 6144"],
    [{ "provisioned-concurrency": "6" }, "--provisioned-concurrency, 6, must not exceed --max-concurrency, 5"],
    [{ "max-concurrency": "201" }, "--max-concurrency must be a whole number from 1 to 200"],
    [{ "image-uri": "registry/stygig:1-gpu" }, "serverless endpoints have no GPU"],
    [{ strategy: "canary" }, "moves traffic between instances, and a serverless endpoint has none"],
  ])("is refused with %j", (flags, problem) => {
    expect(specProblems("serverless", flags)).toEqual([expect.stringContaining(problem)]);
  });
});

describe("a transform job", () => {
  it("reads JSON Lines line by line and pictures whole", () => {
    expect(aSpec("batch").job).toMatchObject({
      byLine: true,
      contentType: "application/jsonlines",
      maxConcurrent: null,
    });
    expect(aSpec("batch", { "content-type": "image/jpeg" }).job.byLine).toBe(false);
  });

  it.each([
    [{ "instance-type": "ml.c7g.xlarge" }, "is not a type that SageMaker has for transform jobs"],
    [{ "instance-type": "ml.c5.large" }, "is not a type that SageMaker has for transform jobs"],
    [{ "instance-type": "ml.g5.xlarge" }, "transform jobs have GPU drivers up to 535"],
    [{ "max-concurrent": "17" }, "--max-concurrent times --max-payload-mb, 102, must not exceed 100"],
    [{ "content-type": "text/csv" }, "--content-type must be application/jsonlines"],
    [{ "s3-input-path": "s3://photos" }, "--s3-input-path must be s3://bucket/<folder or file>"],
    [{ "job-name": "a_b" }, "--job-name must be at most 63"],
    [{ "instance-count": "101" }, "--instance-count must be a whole number from 1 to 100"],
  ])("is refused with %j", (flags, problem) => {
    expect(specProblems("batch", flags)).toEqual([expect.stringContaining(problem)]);
  });

  it("runs on a GPU with an image for the driver that is there", () => {
    const flags = { "instance-type": "ml.g5.xlarge", "transform-ami-version": "al2-ami-sagemaker-batch-gpu-535" };
    expect(aSpec("batch", flags).hosts).toMatchObject({ transformAmiVersion: "al2-ami-sagemaker-batch-gpu-535" });
  });
});

describe("tags", () => {
  it("are ours and the caller's", () => {
    expect(aSpec("sync", { tag: ["team=looks", "note="] }).tags).toEqual({
      "stygig:deployment": "look",
      "stygig:version": "1.2.3",
      team: "looks",
      note: "",
    });
    expect(specProblems("sync", { tag: ["aws:x=1", "stygig:version=2", "plain", "a=b=c"] })).toHaveLength(4);
  });
});
