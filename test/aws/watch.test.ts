import { CreateRepositoryCommand, ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { CreateClusterCommand, DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, inject, it } from "vitest";
import type { PlannedCall } from "../../deploy/planned-call.js";
import { createAwsSender } from "../../deploy/send-call.js";
import { planDashboard } from "../../deploy/watch/dashboard.js";
import { planEcs } from "../../deploy/watch/ecs.js";
import { parseEcsSpec } from "../../deploy/watch/ecs-spec.js";
import { planPolicies } from "../../deploy/watch/iam.js";
import { parseIamSpec } from "../../deploy/watch/iam-spec.js";
import { planWatch } from "../../deploy/watch/plan-watch.js";
import { parseWatchSpec } from "../../deploy/watch/watch-spec.js";
import { runStygig } from "../support/run-stygig.js";
import { unlessSkipped } from "../support/skip-by-name.js";

const moto = inject("moto");
const url = "url" in moto ? moto.url : "";
const region = "us-east-1";
const credentials = { accessKeyId: "testing", secretAccessKey: "testing" };
const connection = { region, endpoint: url, credentials };
const role = "arn:aws:iam::123456789012:role/look";
const image = `123456789012.dkr.ecr.${region}.amazonaws.com/stygig:0.1.0-cpu`;
const endpoint = ["--endpoint-name", "look", "--mode", "async", "--instance-type", "ml.g4dn.xlarge"];

const env = {
  ...{ AWS_ENDPOINT_URL: url, AWS_REGION: region, AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing" },
  ...{ AWS_CONFIG_FILE: "/nonexistent", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent" },
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
};
const stygig = (...args: readonly string[]) => runStygig(args, "", { env });

/** Sends calls one after the other, and gives the last answer. */
async function sendAll(...calls: readonly PlannedCall[]): Promise<Readonly<Record<string, unknown>>> {
  const { send, close } = createAwsSender({ region, endpointUrl: url, credentials });
  let answer: Readonly<Record<string, unknown>> = {};
  for (const call of calls) answer = await send(call);
  close();
  return answer;
}

async function alarmNames(): Promise<readonly string[]> {
  const input = { AlarmNamePrefix: "stygig/look/", MaxRecords: 100 };
  const { MetricAlarms } = await sendAll({ service: "cloudwatch", operation: "DescribeAlarms", input });
  return (MetricAlarms as readonly Readonly<{ AlarmName: string }>[]).map(({ AlarmName }) => AlarmName).sort();
}

function unwrap<T>(parsed: Readonly<{ value: T }> | Readonly<{ problems: readonly string[] }>): T {
  if ("problems" in parsed) throw new Error(parsed.problems.join("; "));
  return parsed.value;
}

/** One of the subnets that an account has from the beginning; of EC2 nothing else is asked, so it has no client here. */
async function readSubnet(): Promise<string> {
  const authorization = `AWS4-HMAC-SHA256 Credential=testing/20260101/${region}/ec2/aws4_request`;
  const body = new URLSearchParams({ Action: "DescribeSubnets", Version: "2016-11-15" });
  const response = await fetch(url, { method: "POST", headers: { authorization }, body });
  return /subnet-[0-9a-f]+/.exec(await response.text())![0];
}

unlessSkipped("watching by moto", "url" in moto ? null : moto.missing, () => {
  beforeEach(async () => {
    await fetch(`${url}/moto-api/reset`, { method: "POST" });
  });

  describe("stygig deploy alarms", () => {
    it("puts every alarm, and the same ones again", async () => {
      const first = await stygig("deploy", "alarms", ...endpoint);
      expect(first.exitCode).toBe(0);
      const names = await alarmNames();
      expect(names).toEqual(
        first.stdout
          .trim()
          .split("\n")
          .map((line) => line.split("  ")[0])
          .sort(),
      );
      expect(names.length).toBeGreaterThan(10);
      expect((await stygig("deploy", "alarms", ...endpoint)).exitCode).toBe(0);
      expect(await alarmNames()).toEqual(names);
    });
  });

  it("a dashboard is taken as it is", async () => {
    const flags = { "endpoint-name": "look", "instance-type": "ml.g4dn.xlarge", region };
    const spec = unwrap(parseWatchSpec(flags, {}));
    expect(planWatch(spec).length).toBeGreaterThan(0);
    const input = { DashboardName: "stygig-look" };
    const { DashboardBody } = await sendAll(planDashboard(spec), {
      ...{ service: "cloudwatch", operation: "GetDashboard", input },
    });
    expect(JSON.parse(DashboardBody as string).widgets.length).toBeGreaterThan(4);
  });

  it("a service on ECS is taken as it is", async () => {
    const ecs = new ECSClient(connection);
    await ecs.send(new CreateClusterCommand({ clusterName: "looks" }));
    const flags = {
      ...{
        "service-name": "look",
        cluster: "looks",
        region,
        "image-uri": image,
        "model-uri": "s3://looks/model.tar.gz",
      },
      ...{ "execution-role-arn": role, "task-role-arn": role, subnet: [await readSubnet()] },
    };
    await sendAll(...planEcs(unwrap(parseEcsSpec(flags, {}))));
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: "looks", services: ["look"] }));
    expect(services).toMatchObject([{ serviceName: "look", desiredCount: 1, launchType: "FARGATE" }]);
  });

  describe("stygig doctor", () => {
    const look = async (...more: readonly string[]) => {
      const flags = ["--role-arn", role, "--image-uri", image, "--model-uri", "s3://models/look.tar.gz"];
      const { exitCode, stdout, stderr } = await stygig("doctor", ...flags, "--json", ...more);
      if (stdout === "") throw new Error(stderr);
      const findings = JSON.parse(stdout) as readonly Readonly<{ name: string; outcome: string; finding: string }>[];
      return { exitCode, outcomes: Object.fromEntries(findings.map(({ name, outcome }) => [name, outcome])), findings };
    };

    it("finds nothing of an account that is empty", async () => {
      const { exitCode, outcomes } = await look();
      expect(exitCode).toBe(1);
      expect(outcomes).toMatchObject({
        ...{ credentials: "ok", "role trust": "failed", image: "failed", bucket: "failed", model: "failed" },
      });
    });

    it("finds what is there, the role with the policies that deploy iam writes", async () => {
      const flags = { "endpoint-name": "look", bucket: "models", "role-arn": role, region };
      const { trust, execution } = planPolicies(unwrap(parseIamSpec(flags, {})));
      const [s3, ecr] = [new S3Client({ ...connection, forcePathStyle: true }), new ECRClient(connection)];
      await s3.send(new CreateBucketCommand({ Bucket: "models" }));
      await s3.send(new PutObjectCommand({ Bucket: "models", Key: "look.tar.gz", Body: "an artifact" }));
      await ecr.send(new CreateRepositoryCommand({ repositoryName: "stygig" }));
      const imageManifestMediaType = "application/vnd.docker.distribution.manifest.v2+json";
      const config = {
        mediaType: "application/vnd.docker.container.image.v1+json",
        digest: `sha256:${"c".repeat(64)}`,
        size: 9,
      };
      const manifest = { schemaVersion: 2, mediaType: imageManifestMediaType, config, layers: [] };
      const imageManifest = JSON.stringify(manifest);
      const put = { repositoryName: "stygig", imageTag: "0.1.0-cpu", imageManifest, imageManifestMediaType };
      await ecr.send(new PutImageCommand(put));
      await sendAll(
        {
          ...{ service: "iam", operation: "CreateRole" },
          input: { RoleName: "look", AssumeRolePolicyDocument: JSON.stringify(trust) },
        },
        {
          ...{ service: "iam", operation: "PutRolePolicy" },
          input: { RoleName: "look", PolicyName: "look", PolicyDocument: JSON.stringify(execution) },
        },
      );
      const { outcomes, findings } = await look("--instance-type", "ml.m5.large", "--endpoint-name", "look");
      expect(outcomes).toMatchObject({
        ...{ credentials: "ok", "role trust": "ok", bucket: "ok", model: "ok" },
        // What moto has not: simulation, an image's layers, SageMaker's quotas.
        ...{ "role rights": "unknown", image: "unknown", quota: "unknown" },
      });
      expect(findings.find(({ name }) => name === "image")!.finding).toMatch(/^it is there; /);
    });
  });
});
