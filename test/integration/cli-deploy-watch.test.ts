import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { runStygig } from "../support/run-stygig.js";

const endpoint = ["--endpoint-name", "look", "--instance-type", "ml.g4dn.xlarge", "--region", "us-east-1"];
const topic = "arn:aws:sns:us-east-1:123456789012:alarms";

let aws: FakeAws;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  aws = await startFakeAws();
  env = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    // The SDK warns of the Node that this may run on, on stderr.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
});
afterAll(() => aws.close());

describe("stygig deploy alarms", () => {
  it("shows its calls without network or credentials, as a list or as JSON", async () => {
    const flags = [...endpoint, "--sns-topic-arn", topic, "--scaling-rules", "--dry-run"];
    const text = await runStygig(["deploy", "alarms", ...flags]);
    expect(text).toMatchObject({ exitCode: 0, stderr: "" });
    expect(text.stdout).toMatch(/^stygig\/look\/AllTraffic\/latency {2}at 300000, 3 of 5 min: /m);
    const json = await runStygig(["deploy", "alarms", ...flags, "--json"]);
    const calls = JSON.parse(json.stdout) as readonly Readonly<{ operation: string; input: { AlarmName: string } }>[];
    expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(["PutMetricAlarm"]));
    expect(calls.at(-1)!.input.AlarmName).toBe("stygig/look/AllTraffic/scale-down");
  });

  it("puts every alarm in place, and says when nobody is told of them", async () => {
    const { exitCode, stdout, stderr } = await runStygig(["deploy", "alarms", ...endpoint], "", { env });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: "note: without --sns-topic-arn nobody is told of them\n",
    });
    const alarms = aws.received.map(({ input }) => input.AlarmName);
    expect(alarms).toHaveLength(8);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split("  ")[0]),
    ).toEqual(alarms);
  });

  it("stops at the first that is refused, with AWS's reason and what is there", async () => {
    aws.fail("PutMetricAlarm", {
      name: "AccessDenied",
      message: "not authorized: cloudwatch:PutMetricAlarm",
      status: 403,
    });
    const before = aws.received.length;
    const { exitCode, stdout, stderr } = await runStygig(["deploy", "alarms", ...endpoint], "", { env });
    expect(aws.received.length - before).toBe(1);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        "stygig: stygig/look/AllTraffic/errors: AccessDenied: not authorized: cloudwatch:PutMetricAlarm (0 of 8 alarms are in place)\n",
    });
  });

  it("tells every problem of its flags and exits with 2", async () => {
    const { exitCode, stdout, stderr } = await runStygig(["deploy", "alarms", "--mode", "fast"], "", {
      env: { AWS_REGION: "", AWS_DEFAULT_REGION: "" },
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringContaining("--endpoint-name is missing"),
      expect.stringContaining("--mode must be sync, async or serverless"),
      expect.stringContaining("--instance-type is missing"),
      expect.stringContaining("--region is missing"),
    ]);
  });
});

describe("stygig deploy dashboard", () => {
  it("prints a CloudWatch dashboard of the endpoint", async () => {
    const { exitCode, stdout, stderr } = await runStygig(["deploy", "dashboard", ...endpoint]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(JSON.parse(stdout).widgets.length).toBeGreaterThan(4);
  });

  it("prints alert rules and a Grafana dashboard, which need no endpoint", async () => {
    const rules = await runStygig(["deploy", "dashboard", "--target", "prometheus", "--job", "looks"]);
    expect(rules).toMatchObject({ exitCode: 0, stderr: "" });
    expect(parse(rules.stdout).groups[0].rules[0].expr).toContain('job="looks"');
    const grafana = await runStygig(["deploy", "dashboard", "--target", "grafana"]);
    expect(grafana).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(grafana.stdout).panels.length).toBe(12);
  });

  it("puts up those of CloudWatch, by the name that teardown removes, and no others", async () => {
    const put = await runStygig(["deploy", "dashboard", ...endpoint, "--put"], "", { env });
    expect(put).toMatchObject({ exitCode: 0, stdout: "stygig-look\n", stderr: "" });
    expect([...aws.world.dashboards.keys()]).toEqual(["stygig-look"]);
    const torn = await runStygig(["deploy", "teardown", "--endpoint-name", "look", "--region", "us-east-1"], "", {
      env,
    });
    expect(torn.exitCode, torn.stderr).toBe(0);
    expect([...aws.world.dashboards.keys()]).toEqual([]);
    expect([...aws.world.alarms.keys()]).toEqual([]);
    aws.fail("PutDashboard", { name: "AccessDenied", message: "not authorized", status: 403 });
    expect(await runStygig(["deploy", "dashboard", ...endpoint, "--put"], "", { env })).toMatchObject({
      ...{ exitCode: 1, stdout: "", stderr: "stygig: AccessDenied: not authorized\n" },
    });
    const grafana = await runStygig(["deploy", "dashboard", "--target", "grafana", "--put"], "", { env });
    expect(grafana).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("refuses targets that it does not know", async () => {
    const { exitCode, stderr } = await runStygig(["deploy", "dashboard", "--target", "datadog"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("cloudwatch, prometheus, grafana");
  });
});

describe("stygig deploy iam", () => {
  const flags = ["--endpoint-name", "look", "--bucket", "looks", "--region", "us-east-1"];
  const role = ["--role-arn", "arn:aws:iam::123456789012:role/look"];

  it("prints one policy as a document, or all of them", async () => {
    const one = await runStygig(["deploy", "iam", ...flags, ...role, "--policy", "trust"]);
    expect(one).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(one.stdout).Statement[0].Action).toEqual(["sts:AssumeRole"]);
    const all = await runStygig(["deploy", "iam", ...flags, ...role, "--json"]);
    expect(Object.keys(JSON.parse(all.stdout))).toEqual(["trust", "execution", "caller"]);
    const shown = await runStygig(["deploy", "iam", ...flags, ...role]);
    expect(shown.stdout.match(/^# .*$/gm)).toEqual([
      "# trust: who may take look",
      "# execution: what look may do",
      "# caller: what whoever deploys may do",
    ]);
  });

  it("prints those of a catalog's jobs, and of a training job without whoever starts it", async () => {
    const places = ["--images-uri", "s3://photos/train/", "--output-uri", "s3://catalogs/today/"];
    const job = (kind: string) => ["deploy", "iam", "--for", kind, ...places, "--region", "us-east-1", ...role];
    const shown = await runStygig(job("catalog-job"));
    expect(shown.stdout.match(/^# .*$/gm)).toEqual([
      "# trust: who may take look",
      "# execution: what look may do",
      "# caller: what whoever runs `catalog job` may do",
    ]);
    const training = await runStygig([...job("training-job"), "--json"]);
    expect(Object.keys(JSON.parse(training.stdout))).toEqual(["trust", "execution"]);
    expect(await runStygig([...job("training-job"), "--policy", "caller"])).toMatchObject({
      ...{ exitCode: 2, stdout: "", stderr: "stygig: --policy caller: no command here starts training jobs\n" },
    });
    expect(await runStygig(["deploy", "iam", ...flags, ...role, ...places])).toMatchObject({
      exitCode: 2,
      stderr: "stygig: --images-uri is for jobs alone\nstygig: --output-uri is for jobs alone\n",
    });
  });

  it("exits with 2 without a role", async () => {
    const none = { SAGEMAKER_ROLE: "" };
    expect(await runStygig(["deploy", "iam", ...flags], "", { env: none })).toMatchObject({
      exitCode: 2,
      stderr: "stygig: --role-arn is missing, and SAGEMAKER_ROLE names no role\n",
    });
  });
});

describe("stygig deploy ecs", () => {
  const role = "arn:aws:iam::123456789012:role/look";
  const flags = [
    ...["--service-name", "look", "--image-uri", "stygig:1", "--model-uri", "s3://looks/model.tar.gz"],
    ...["--execution-role-arn", role, "--task-role-arn", role, "--subnet", "subnet-01234567", "--region", "us-east-1"],
  ];

  it("shows the task definition and the service, and says that Fargate has no GPUs", async () => {
    const text = await runStygig(["deploy", "ecs", ...flags, "--dry-run"]);
    expect(text.exitCode).toBe(0);
    expect(text.stdout.match(/^# .*$/gm)).toEqual([
      ...["# logs CreateLogGroup", "# logs PutRetentionPolicy", "# ecs RegisterTaskDefinition", "# ecs CreateService"],
    ]);
    expect(text.stderr).toContain("note: Fargate has no GPUs: this service encodes on CPUs\n");
    const provider = ["--gpus", "1", "--capacity-provider", "gpus"];
    const json = await runStygig(["deploy", "ecs", ...flags, ...provider, "--dry-run", "--json"]);
    expect(JSON.parse(json.stdout).at(-1).input.capacityProviderStrategy[0].capacityProvider).toBe("gpus");
  });

  it("sends nothing: it must be told that this is known", async () => {
    expect(await runStygig(["deploy", "ecs", ...flags, "--gpus", "1"])).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringMatching(/^stygig: --gpus: Fargate has no GPUs.*\nstygig: --dry-run is missing/),
    });
  });
});
