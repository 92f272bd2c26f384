import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { projectFolder } from "../support/project-files.js";

// The command lines of V4's deployment guide (Docs/DEPLOYMENT_WARNING.md at 35a8d9c), verbatim: `python deploy_sync.py`
// is our deploy_sync. V4 found region and role by the notebook that it ran in; here they come from the environment.
const asPython = `python() {
  local script="$1"
  shift
  node "bin/\${script%.py}" "$@" --dry-run --json
}
`;

const environment = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  AWS_REGION: "ap-south-1",
  SAGEMAKER_ROLE: "arn:aws:iam::123456789012:role/stygig",
};

function run(commandLine: string) {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", asPython + commandLine], {
    cwd: projectFolder,
    env: environment,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

type Planned = Readonly<{
  mode: string;
  name: string;
  calls: readonly Readonly<{ operation: string; input: Readonly<Record<string, unknown>> }>[];
}>;

function plan(commandLine: string): Planned {
  const { status, stdout, stderr } = run(commandLine);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

function variantOf({ calls }: Planned) {
  const { input } = calls.find(({ operation }) => operation === "CreateEndpointConfig")!;
  return (input.ProductionVariants as readonly Readonly<Record<string, unknown>>[])[0]!;
}

describe("the guide's command lines", () => {
  it.each([
    [
      `python deploy_sync.py \\
    --model-uri s3://bucket/models/v4-model.tar.gz \\
    --endpoint-name stygig-production \\
    --instance-type ml.g4dn.xlarge \\
    --instance-count 2  # For high availability`,
      { name: "stygig-production", mode: "sync", type: "ml.g4dn.xlarge", count: 2 },
    ],
    [
      `python deploy_async.py \\
    --model-uri s3://bucket/models/v4-model.tar.gz \\
    --endpoint-name stygig-batch-async \\
    --instance-type ml.m5.large \\
    --s3-output-path s3://bucket/results/`,
      { name: "stygig-batch-async", mode: "async", type: "ml.m5.large", count: 1 },
    ],
    [
      `python deploy_sync.py \\
    --model-uri s3://bucket/models/v4-model.tar.gz \\
    --endpoint-name stygig-staging \\
    --instance-type ml.m5.xlarge \\
    --instance-count 1`,
      { name: "stygig-staging", mode: "sync", type: "ml.m5.xlarge", count: 1 },
    ],
    [
      `# ml.g4dn.xlarge, ml.g4dn.2xlarge, ml.p3.2xlarge
python deploy_sync.py \\
    --model-uri s3://bucket/models/v4-model.tar.gz \\
    --endpoint-name stygig-realtime \\
    --instance-type ml.g4dn.xlarge`,
      { name: "stygig-realtime", mode: "sync", type: "ml.g4dn.xlarge", count: 1 },
    ],
    [
      `python deploy_sync.py \\
    --model-uri s3://bucket/models/v4-model.tar.gz \\
    --endpoint-name stygig-performance-test \\
    --instance-type ml.g4dn.xlarge`,
      { name: "stygig-performance-test", mode: "sync", type: "ml.g4dn.xlarge", count: 1 },
    ],
    [
      `# Step 1: Deploy V4 to GPU endpoint
python deploy_sync.py \\
    --model-uri s3://bucket/models/v4-model.tar.gz \\
    --endpoint-name stygig-v4-production \\
    --instance-type ml.g4dn.xlarge`,
      { name: "stygig-v4-production", mode: "sync", type: "ml.g4dn.xlarge", count: 1 },
    ],
    [
      `python deploy_sync.py \\
    --model-uri s3://stygig-ml-s3/models/v4-production.tar.gz \\
    --endpoint-name stygig-production \\
    --instance-type ml.g4dn.xlarge \\
    --instance-count 2`,
      { name: "stygig-production", mode: "sync", type: "ml.g4dn.xlarge", count: 2 },
    ],
    [
      `python deploy_async.py \\
    --model-uri s3://stygig-ml-s3/models/v4-production.tar.gz \\
    --endpoint-name stygig-batch \\
    --instance-type ml.m5.large \\
    --s3-output-path s3://stygig-ml-s3/batch-results/`,
      { name: "stygig-batch", mode: "async", type: "ml.m5.large", count: 1 },
    ],
  ])("work as printed: %s", (commandLine, { name, mode, type, count }) => {
    const planned = plan(commandLine);
    expect(planned).toMatchObject({ name, mode });
    expect(variantOf(planned)).toMatchObject({ InstanceType: type, InitialInstanceCount: count });
  });

  it("that leave the type out have the guide's: a GPU for sync, a CPU for async", () => {
    const least = "--model-uri s3://bucket/v4.tar.gz --endpoint-name look";
    expect(variantOf(plan(`python deploy_sync.py ${least}`)).InstanceType).toBe("ml.g4dn.xlarge");
    const planned = plan(`python deploy_async.py ${least} --s3-output-path s3://bucket/results`);
    expect(variantOf(planned).InstanceType).toBe("ml.m5.large");
    const { input } = planned.calls.find(({ operation }) => operation === "CreateEndpointConfig")!;
    expect(input.AsyncInferenceConfig).toMatchObject({
      OutputConfig: { S3OutputPath: "s3://bucket/results/" },
      ClientConfig: { MaxConcurrentInvocationsPerInstance: 10 },
    });
  });

  it("that are cut short name every flag that they lack, and exit with 2", () => {
    const { status, stderr } = run(`# ml.m5.large, ml.m5.xlarge - NOT RECOMMENDED
python deploy_sync.py \\
    --instance-type ml.m5.large  # RISKY FOR V4`);
    expect(status).toBe(2);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringContaining("--endpoint-name is missing"),
      expect.stringContaining("--model-uri is missing"),
    ]);
  });
});
