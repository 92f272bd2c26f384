import { CreateRepositoryCommand, ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, inject, it } from "vitest";
import type { ServiceName } from "../../deploy/planned-call.js";
import { createAwsSender } from "../../deploy/send-call.js";
import { runStygig } from "../support/run-stygig.js";
import { unlessSkipped } from "../support/skip-by-name.js";

// The commands against an AWS that somebody else has written: moto's server. What it lacks (updates, endpoints that take
// their time) is tested against test/support/fake-aws.ts.

const moto = inject("moto");
const url = "url" in moto ? moto.url : "";
const region = "us-east-1";
const credentials = { accessKeyId: "testing", secretAccessKey: "testing" };
const connection = { region, endpoint: url, credentials };
const account = "123456789012";
const image = `${account}.dkr.ecr.${region}.amazonaws.com/stygig:0.1.0-cpu`;

const stygig = (...args: readonly string[]) =>
  runStygig(args, "", {
    env: {
      ...{ AWS_ENDPOINT_URL: url, AWS_REGION: region, AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing" },
      ...{ AWS_CONFIG_FILE: "/nonexistent", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent" },
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      SAGEMAKER_ROLE: `arn:aws:iam::${account}:role/look`,
    },
  });
const deploy = (mode: string, ...more: readonly string[]) =>
  stygig("deploy", mode, "--model-uri", "s3://models/look.tar.gz", "--image-uri", image, ...more);

/** What AWS lists, by the names of a list's members. */
async function list(service: ServiceName, operation: string, member: string, input = {}) {
  const { send, close } = createAwsSender({ region, endpointUrl: url, credentials });
  const answer = await send({ service, operation, input });
  close();
  return answer[member] as readonly Readonly<Record<string, unknown>>[];
}

/** Everything that a deployment can leave behind. */
async function everything() {
  const targets = { ServiceNamespace: "sagemaker" };
  return {
    models: await list("sagemaker", "ListModels", "Models"),
    configs: await list("sagemaker", "ListEndpointConfigs", "EndpointConfigs"),
    endpoints: await list("sagemaker", "ListEndpoints", "Endpoints"),
    targets: await list("application-auto-scaling", "DescribeScalableTargets", "ScalableTargets", targets),
    alarms: await list("cloudwatch", "DescribeAlarms", "MetricAlarms"),
  };
}

const nothing = { models: [], configs: [], endpoints: [], targets: [], alarms: [] };

unlessSkipped("AWS by moto", "url" in moto ? null : moto.missing, () => {
  beforeEach(async () => {
    await fetch(`${url}/moto-api/reset`, { method: "POST" });
    const [s3, ecr] = [new S3Client({ ...connection, forcePathStyle: true }), new ECRClient(connection)];
    await s3.send(new CreateBucketCommand({ Bucket: "models" }));
    await s3.send(new PutObjectCommand({ Bucket: "models", Key: "look.tar.gz", Body: "an artifact" }));
    await ecr.send(new CreateRepositoryCommand({ repositoryName: "stygig" }));
    const imageManifest = JSON.stringify({
      ...{ schemaVersion: 2, mediaType: "application/vnd.docker.distribution.manifest.v2+json", layers: [] },
      config: {
        mediaType: "application/vnd.docker.container.image.v1+json",
        size: 2,
        digest: `sha256:${"a".repeat(64)}`,
      },
    });
    await ecr.send(new PutImageCommand({ repositoryName: "stygig", imageTag: "0.1.0-cpu", imageManifest }));
    for (const client of [s3, ecr]) client.destroy();
  });

  const modes: readonly (readonly [string, readonly string[]])[] = [
    ["sync", ["--instance-type", "ml.m5.large", "--rps-per-instance", "20"]],
    ["async", ["--instance-type", "ml.g4dn.xlarge", "--s3-output-path", "s3://results/looks"]],
    ["serverless", []],
  ];

  describe.each(modes)("stygig deploy %s", (mode, flags) => {
    const run = () => deploy(mode, "--endpoint-name", "look", "--no-verify", "--json", ...flags);

    it("makes it, changes nothing the second time, and teardown leaves nothing", async () => {
      const first = await run();
      expect(first.exitCode, first.stderr).toBe(0);
      expect(JSON.parse(first.stdout)).toMatchObject({ kind: "done", endpoint: { status: "InService" }, changed: [] });
      const made = await everything();
      expect([made.models, made.configs, made.endpoints].map(({ length }) => length)).toEqual([1, 1, 1]);
      const second = await run();
      expect(JSON.parse(second.stdout)).toMatchObject({ kind: "done", made: [], changed: [] });
      expect(await everything()).toEqual(made);
      const torn = await stygig("deploy", "teardown", "--endpoint-name", "look", "--delete-logs");
      expect([torn.exitCode, torn.stdout], torn.stderr).toEqual([0, expect.stringMatching(/ deleted, 0 left\n$/)]);
      expect(await everything()).toEqual(nothing);
      expect(await list("logs", "DescribeLogGroups", "logGroups")).toEqual([]);
      expect((await stygig("deploy", "teardown", "--endpoint-name", "look")).stdout).toBe("nothing of it is there\n");
    });
  });

  it("a sync endpoint scales by its rate, an async one to zero and up again by its alarm", async () => {
    for (const [mode, flags] of modes.slice(0, 2)) {
      const { exitCode, stderr } = await deploy(mode, "--endpoint-name", mode, "--no-verify", ...flags);
      expect(exitCode, stderr).toBe(0);
    }
    const { targets, alarms } = await everything();
    const bounds = targets.map(({ ResourceId, MinCapacity }) => [ResourceId, MinCapacity]);
    expect(bounds).toContainEqual(["endpoint/sync/variant/AllTraffic", 1]);
    expect(bounds).toContainEqual(["endpoint/async/variant/AllTraffic", 0]);
    const wakeUp = alarms.find(({ AlarmName }) => AlarmName === "stygig/async/wake-up");
    const policies = await list("application-auto-scaling", "DescribeScalingPolicies", "ScalingPolicies", {
      ServiceNamespace: "sagemaker",
    });
    const waking = policies.find(({ PolicyType }) => PolicyType === "StepScaling");
    expect(wakeUp?.AlarmActions).toEqual([waking?.PolicyARN]);
  });

  it("a transform job is started once", async () => {
    const paths = ["--s3-input-path", "s3://models/looks.jsonl", "--s3-output-path", "s3://models/answers/"];
    const run = () => deploy("batch", "--job-name", "looks-1", "--instance-type", "ml.m5.large", "--json", ...paths);
    const first = await run();
    expect(first.exitCode, first.stderr).toBe(0);
    expect(JSON.parse((await run()).stdout)).toMatchObject({ made: [], changed: [] });
    const jobs = await list("sagemaker", "ListTransformJobs", "TransformJobSummaries");
    expect(jobs.map(({ TransformJobName }) => TransformJobName)).toEqual(["looks-1"]);
  });

  it("a deployment that is refused half-way leaves nothing", async () => {
    // A type that this moto has never heard of.
    const { exitCode, stderr } = await deploy("sync", "--endpoint-name", "look", "--instance-type", "ml.c7i.xlarge");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("stygig: failed at CreateEndpointConfig look-")]);
    expect(await everything()).toEqual(nothing);
  });

  it("what is not there is said before anything is made", async () => {
    const { exitCode, stderr } = await stygig(
      ...["deploy", "sync", "--endpoint-name", "look", "--instance-type", "ml.m5.large"],
      ...["--model-uri", "s3://models/other.tar.gz", "--image-uri", image.replace("0.1.0", "9.9.9")],
    );
    expect(exitCode).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(2);
    expect(await everything()).toEqual(nothing);
  });
});
