import { describe, expect, it } from "vitest";
import type { Flags } from "../../../../../deploy/spec-flags.js";
import { type DoctorParts, examine } from "../../../../../deploy/watch/doctor/doctor.js";
import { parseDoctorSpec } from "../../../../../deploy/watch/doctor/doctor-spec.js";
import type { Finding } from "../../../../../deploy/watch/doctor/finding.js";
import { type Answers, awsError, recordedAws } from "../../../../support/recorded-aws.js";

const account = "123456789012";
const role = `arn:aws:iam::${account}:role/service/look`;
const repository = `${account}.dkr.ecr.us-east-1.amazonaws.com/stygig`;
const whole: Flags = {
  region: "us-east-1",
  "endpoint-name": "look",
  "role-arn": role,
  "image-uri": `${repository}:1-cpu`,
  "model-uri": "s3://looks/live/model.tar.gz",
  "instance-type": "ml.m5.large",
};

const trust = (service: unknown) =>
  encodeURIComponent(
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    }),
  );
const dockerType = "application/vnd.docker.distribution.manifest.v2+json";
const manifest = {
  schemaVersion: 2,
  mediaType: dockerType,
  config: { digest: `sha256:${"c".repeat(64)}` },
  layers: [{ size: 3 << 20 }],
};

/** A decision on each action and resource that is asked about, as IAM gives them. */
const decide =
  (decision: (action: string, resource: string) => string) =>
  (input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
    const { ActionNames, ResourceArns = ["*"] } = input as { ActionNames: string[]; ResourceArns?: string[] };
    const EvaluationResults = ActionNames.flatMap((EvalActionName) =>
      ResourceArns.map((EvalResourceName) => ({
        ...{ EvalActionName, EvalResourceName },
        EvalDecision: decision(EvalActionName, EvalResourceName),
      })),
    );
    return { EvaluationResults, IsTruncated: false };
  };

/** An account where everything is as it should be. */
const good: Answers = {
  GetCallerIdentity: { Account: account, Arn: `arn:aws:iam::${account}:user/deployer`, UserId: "AIDA" },
  GetRole: { Role: { Arn: role, RoleName: "look", AssumeRolePolicyDocument: trust("sagemaker.amazonaws.com") } },
  SimulatePrincipalPolicy: decide(() => "allowed"),
  BatchGetImage: {
    images: [{ imageManifest: JSON.stringify(manifest), imageManifestMediaType: dockerType }],
    failures: [],
  },
  GetDownloadUrlForLayer: { downloadUrl: "https://layers.example/config", layerDigest: manifest.config.digest },
  GetBucketLocation: {},
  HeadObject: { ContentLength: 1000, LastModified: new Date("2026-09-01T00:00:00Z") },
  ListServiceQuotas: { Quotas: [{ QuotaName: "ml.m5.large for endpoint usage", Value: 4 }] },
};

const goodParts: Omit<DoctorParts, "send"> = {
  nodeVersion: "v20.20.0",
  onnxProviders: async () => ["cpu"],
  nvidiaSmi: async () => null,
  inspectArtifact: async () => ({ digest: "sha256:0a", items: 18, bytes: 1000 }),
  fetchJson: async () => ({ architecture: "amd64", config: { Env: ["INDEX=faiss"] } }),
};

type Changes = Readonly<{ flags?: Flags; answers?: Answers; parts?: Partial<DoctorParts> }>;

async function look({ flags = {}, answers = {}, parts = {} }: Changes = {}) {
  const spec = parseDoctorSpec({ ...whole, ...flags }, {});
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  const aws = recordedAws({ ...good, ...answers });
  return { findings: await examine(spec.value, { ...goodParts, ...parts, send: aws.send }), calls: aws.calls };
}

async function finding(name: string, changes: Changes = {}): Promise<Finding> {
  const { findings } = await look(changes);
  const found = findings.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no finding ${name}`);
  return found;
}

it("finds everything good, in the order in which one would look", async () => {
  const { findings, calls } = await look({ flags: { artifact: "artifact" } });
  expect(findings.map(({ name }) => name)).toEqual([
    ...["node", "onnxruntime", "driver", "artifact", "instance type"],
    ...["credentials", "caller rights", "role trust", "role rights", "image", "bucket", "model", "quota"],
  ]);
  expect(findings.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(Object.keys(good)));
});

it("changes nothing: every call only asks", async () => {
  const { calls } = await look();
  expect(calls.filter(({ operation }) => !/^(Get|Head|List|Batch[G]et|Simulate)/.test(operation))).toEqual([]);
});

it("asks AWS nothing when told to stay on this machine", async () => {
  const { findings, calls } = await look({ flags: { offline: true } });
  expect(calls).toEqual([]);
  expect(findings.map(({ name }) => name)).toEqual(["node", "onnxruntime", "driver", "instance type"]);
});

it("looks only at what was named", async () => {
  const spec = parseDoctorSpec({ region: "us-east-1" }, {});
  if ("problems" in spec) throw new Error("no spec");
  const findings = await examine(spec.value, { ...goodParts, send: recordedAws(good).send });
  expect(findings.map(({ name }) => name)).toEqual(["node", "onnxruntime", "driver", "credentials"]);
});

describe("credentials", () => {
  it("that are missing fail once, and leave the rest unknown", async () => {
    const GetCallerIdentity = awsError("CredentialsProviderError", "Could not load credentials from any providers");
    const { findings, calls } = await look({ answers: { GetCallerIdentity } });
    const aws = findings.slice(findings.findIndex(({ name }) => name === "credentials"));
    expect(aws.map(({ outcome }) => outcome)).toEqual(["failed", ...Array(aws.length - 1).fill("unknown")]);
    expect(calls).toHaveLength(1);
  });

  it("of a role's session are looked up by the role, whose path the session does not tell", async () => {
    const Arn = `arn:aws:sts::${account}:assumed-role/look/session`;
    const { calls } = await look({ answers: { GetCallerIdentity: { Arn } } });
    const sources = calls.filter(({ operation }) => operation === "SimulatePrincipalPolicy");
    expect(new Set(sources.map(({ input }) => input.PolicySourceArn))).toEqual(new Set([role]));
    const root = { GetCallerIdentity: { Arn: `arn:aws:iam::${account}:root` } };
    expect(await finding("caller rights", { answers: root })).toMatchObject({
      outcome: "unknown",
      advice: expect.stringContaining("deploy iam --policy caller"),
    });
  });
});

describe("a refusal or a broken connection", () => {
  it.each([
    ["AccessDenied", "unknown"],
    ["TimeoutError", "unknown"],
    ["NoSuchEntityException", "failed"],
  ])("of %s is %s, with AWS's own words", async (name, outcome) => {
    const trustFinding = await finding("role trust", { answers: { GetRole: awsError(name, "said AWS") } });
    expect(trustFinding).toMatchObject({ outcome, finding: expect.stringContaining(`${name}: said AWS`) });
    expect(trustFinding.advice).not.toBeNull();
  });
});

describe("the role", () => {
  it.each([
    ["ecs-tasks.amazonaws.com", "failed"],
    [["ec2.amazonaws.com", "sagemaker.amazonaws.com"], "ok"],
  ])("that trusts %j is %s", async (service, outcome) => {
    const GetRole = { Role: { Arn: role, AssumeRolePolicyDocument: trust(service) } };
    expect(await finding("role trust", { answers: { GetRole } })).toMatchObject({ outcome });
  });

  it("of the same name with another path is another role", async () => {
    const other = `arn:aws:iam::${account}:role/look`;
    const GetRole = { Role: { Arn: other, AssumeRolePolicyDocument: trust("sagemaker.amazonaws.com") } };
    expect(await finding("role trust", { answers: { GetRole } })).toMatchObject({
      outcome: "failed",
      finding: `this account's role look is ${other}`,
    });
  });

  it("without a right fails, and the right is named", async () => {
    const SimulatePrincipalPolicy = decide((action) => (action === "ecr:BatchGetImage" ? "implicitDeny" : "allowed"));
    expect(await finding("role rights", { answers: { SimulatePrincipalPolicy } })).toMatchObject({
      outcome: "failed",
      finding: `not allowed: ecr:BatchGetImage on arn:aws:ecr:us-east-1:${account}:repository/stygig`,
    });
  });

  it("is asked for the artifact itself, and to write only where answers go to S3", async () => {
    const resourcesOf = async (mode: string) => {
      const { calls } = await look({ flags: { mode } });
      return calls
        .filter(({ input }) => input.PolicySourceArn === role)
        .filter(({ input }) => (input.ActionNames as string[]).some((action) => /s3:(Get|Put)Object/.test(action)))
        .map(({ input }) => [(input.ActionNames as string[])[0], ...(input.ResourceArns as string[])]);
    };
    const object = "arn:aws:s3:::looks/live/model.tar.gz";
    expect(await resourcesOf("sync")).toEqual([["s3:GetObject", object]]);
    expect(await resourcesOf("async")).toEqual([
      ["s3:GetObject", object],
      ["s3:PutObject", object],
    ]);
  });

  it("has answers that come in pages", async () => {
    const all = decide(() => "implicitDeny");
    let isFirst = true;
    const SimulatePrincipalPolicy: Answers[string] = (input) => {
      const { EvaluationResults } = all(input) as { EvaluationResults: unknown[] };
      const isWhole = input.Marker !== undefined || !isFirst;
      isFirst = false;
      if (isWhole) return { EvaluationResults, IsTruncated: false };
      return { EvaluationResults: [], IsTruncated: true, Marker: "more" };
    };
    expect(await finding("caller rights", { answers: { SimulatePrincipalPolicy } })).toMatchObject({
      outcome: "warning",
      finding: expect.stringMatching(/^not allowed: iam:PassRole on .* and \d+ more$/),
    });
  });
});

describe("the image", () => {
  const withManifest = (imageManifestMediaType: string, more: object = manifest): Answers => ({
    BatchGetImage: { images: [{ imageManifest: JSON.stringify(more), imageManifestMediaType }] },
  });
  const withConfig = (architecture: string, Env: readonly string[] = []): Partial<DoctorParts> => ({
    fetchJson: async () => ({ architecture, config: { Env } }),
  });

  it("is found by tag or digest, in its own account", async () => {
    const { calls } = await look({ flags: { "image-uri": `${repository}/cpu@sha256:${"a".repeat(64)}` } });
    expect(calls.find(({ operation }) => operation === "BatchGetImage")!.input).toMatchObject({
      ...{ registryId: account, repositoryName: "stygig/cpu" },
      imageIds: [{ imageDigest: `sha256:${"a".repeat(64)}` }],
    });
  });

  it("that is not there fails with ECR's reason", async () => {
    const BatchGetImage = { images: [], failures: [{ failureCode: "ImageNotFound", failureReason: "no such tag" }] };
    expect(await finding("image", { answers: { BatchGetImage } })).toMatchObject({
      outcome: "failed",
      finding: "ImageNotFound: no such tag",
    });
  });

  it.each(["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"])(
    "that is a list of images fails: %s",
    async (mediaType) => {
      expect(await finding("image", { answers: withManifest(mediaType, { manifests: [] }) })).toMatchObject({
        outcome: "failed",
        advice: expect.stringContaining("--provenance=false"),
      });
    },
  );

  it("with OCI media types is a warning", async () => {
    const answers = withManifest("application/vnd.oci.image.manifest.v1+json");
    expect(await finding("image", { answers })).toMatchObject({ outcome: "warning" });
  });

  it.each([
    ["ml.m5.large", "amd64", "ok"],
    ["ml.m5.large", "arm64", "failed"],
    ["ml.c7g.large", "arm64", "ok"],
    ["ml.c7g.large", "amd64", "failed"],
  ])("on %s built for %s is %s", async (type, architecture, outcome) => {
    const flags = { "instance-type": type };
    expect(await finding("image", { flags, parts: withConfig(architecture) })).toMatchObject({ outcome });
  });

  it("for CPUs on a GPU is a warning", async () => {
    const flags = { "instance-type": "ml.g4dn.xlarge" };
    expect(await finding("image", { flags })).toMatchObject({ outcome: "warning" });
    const parts = withConfig("amd64", ["EXECUTION_PROVIDERS=cuda"]);
    expect(await finding("image", { flags, parts })).toMatchObject({ outcome: "ok" });
  });

  it("of another region fails, and of another registry cannot be asked for", async () => {
    const elsewhere = `${account}.dkr.ecr.eu-west-1.amazonaws.com/stygig:1`;
    expect(await finding("image", { flags: { "image-uri": elsewhere } })).toMatchObject({ outcome: "failed" });
    expect(await finding("image", { flags: { "image-uri": "docker.io/stygig:1" } })).toMatchObject({
      outcome: "unknown",
    });
  });

  it("that is there, built for what cannot be read, is unknown", async () => {
    const answers = { GetDownloadUrlForLayer: awsError("AccessDeniedException", "said AWS") };
    expect(await finding("image", { answers })).toMatchObject({
      outcome: "unknown",
      finding: "it is there; what it was built for could not be read: AccessDeniedException: said AWS",
    });
  });

  it("that is too large for a serverless endpoint fails", async () => {
    const { "instance-type": _, ...flags } = whole;
    const layers = Array.from({ length: 11 }, () => ({ size: 2 ** 30 }));
    const spec = { ...flags, mode: "serverless", "instance-type": undefined };
    const answers = withManifest(dockerType, { ...manifest, layers });
    expect(await finding("image", { flags: spec, answers })).toMatchObject({ outcome: "failed" });
  });
});

describe("the bucket", () => {
  it.each([
    [undefined, "us-east-1", "ok"],
    ["", "us-east-1", "ok"],
    ["EU", "eu-west-1", "ok"],
    ["eu-west-1", "us-east-1", "failed"],
  ])("that says %j, asked from %s, is %s", async (LocationConstraint, region, outcome) => {
    const answers = { GetBucketLocation: LocationConstraint === undefined ? {} : { LocationConstraint } };
    const flags = { region, "image-uri": undefined };
    expect(await finding("bucket", { answers, flags })).toMatchObject({ outcome });
  });

  it("without the artifact, or with an empty one, fails", async () => {
    expect(await finding("model", { answers: { HeadObject: awsError("NotFound", "UnknownError") } })).toMatchObject({
      outcome: "failed",
    });
    expect(await finding("model", { answers: { HeadObject: { ContentLength: 0 } } })).toMatchObject({
      outcome: "failed",
    });
  });
});

describe("the quota", () => {
  it.each([
    [0, "1", "failed"],
    [1, "1", "warning"],
    [2, "1", "ok"],
    [3, "4", "failed"],
  ])("of %i for %s instances is %s: an update has two fleets", async (Value, count, outcome) => {
    const ListServiceQuotas = { Quotas: [{ QuotaName: "ml.m5.large for endpoint usage", Value }] };
    const flags = { "instance-count": count };
    expect(await finding("quota", { answers: { ListServiceQuotas }, flags })).toMatchObject({ outcome });
  });

  it("is looked for on every page, and unknown where there is none", async () => {
    const pages: Answers[string] = ({ NextToken }) =>
      NextToken === undefined
        ? { Quotas: [{ QuotaName: "something else", Value: 9 }], NextToken: "2" }
        : { Quotas: [{ QuotaName: "ml.m5.large for endpoint usage", Value: 2 }] };
    expect(await finding("quota", { answers: { ListServiceQuotas: pages } })).toMatchObject({ outcome: "ok" });
    expect(await finding("quota", { answers: { ListServiceQuotas: { Quotas: [] } } })).toMatchObject({
      outcome: "unknown",
    });
  });

  it("of a batch job is another one, and needs no second fleet", async () => {
    const ListServiceQuotas = { Quotas: [{ QuotaName: "ml.m5.large for transform job usage", Value: 1 }] };
    expect(await finding("quota", { answers: { ListServiceQuotas }, flags: { mode: "batch" } })).toMatchObject({
      outcome: "ok",
    });
  });
});

describe("the instance type", () => {
  it.each([
    ["ml.m5.large", "sync", "ok"],
    ["ml.g4dn.xlarge", "async", "ok"],
    ["ml.g4dn.xlarge", "batch", "failed"],
    ["ml.t3.large", "sync", "failed"],
    ["ml.c7g.large", "batch", "failed"],
    ["ml.p3.2xlarge", "sync", "failed"],
    ["ml.inf2.xlarge", "sync", "warning"],
    ["ml.m5.large", "serverless", "failed"],
  ])("%s for %s is %s", async (type, mode, outcome) => {
    const flags = { "instance-type": type, mode };
    expect(await finding("instance type", { flags })).toMatchObject({ outcome });
  });
});

describe("this machine", () => {
  it.each([
    ["v20.19.9", "failed"],
    ["v18.20.0", "failed"],
    ["v20.20.0", "ok"],
    ["v24.1.0", "ok"],
  ])("with Node %s is %s", async (nodeVersion, outcome) => {
    expect(await finding("node", { parts: { nodeVersion } })).toMatchObject({ outcome });
  });

  it.each([
    [null, "ok", "no GPU on this machine"],
    ["580.65.06, NVIDIA H200\n580.65.06, NVIDIA H200\n", "ok", "NVIDIA H200 with driver 580.65.06"],
    ["535.183.01, Tesla T4\n", "warning", "Tesla T4 with driver 535.183.01"],
    ["\n", "unknown", "names no GPU"],
  ])("where nvidia-smi prints %j is %s", async (output, outcome, text) => {
    const parts = { nvidiaSmi: async () => output };
    expect(await finding("driver", { parts })).toMatchObject({ outcome, finding: expect.stringContaining(text) });
  });

  it("with a driver that does not work fails in one line", async () => {
    const nvidiaSmi = async () => {
      throw new Error("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\nMore.");
    };
    const driver = await finding("driver", { parts: { nvidiaSmi } });
    expect(driver.outcome).toBe("failed");
    expect(driver.finding).not.toContain("\n");
  });

  it("with a GPU and no CUDA provider is a warning, and without ONNX Runtime fails", async () => {
    const nvidiaSmi = async () => "580.65.06, NVIDIA H200";
    expect(await finding("onnxruntime", { parts: { nvidiaSmi } })).toMatchObject({ outcome: "warning" });
    const onnxProviders = async () => {
      throw new Error("libonnxruntime.so.1: cannot open shared object file");
    };
    expect(await finding("onnxruntime", { parts: { onnxProviders } })).toMatchObject({ outcome: "failed" });
  });

  it("with an artifact that does not verify fails with the reason", async () => {
    const inspectArtifact = async () => {
      throw new Error("vectors.f32 has another digest than the manifest says");
    };
    const flags = { artifact: "artifact", offline: true };
    expect(await finding("artifact", { flags, parts: { inspectArtifact } })).toMatchObject({
      outcome: "failed",
      finding: "vectors.f32 has another digest than the manifest says",
    });
  });
});

it("flags that are wrong are told all at once", () => {
  expect(
    parseDoctorSpec({ "role-arn": "look", "model-uri": "s3://looks", mode: "fast", "endpoint-name": "a_b" }, {}),
  ).toMatchObject({
    problems: [
      expect.stringContaining("--role-arn must be"),
      expect.stringContaining("--endpoint-name must be"),
      expect.stringContaining("--model-uri must be s3://bucket/key"),
      expect.stringContaining("--region is missing"),
      expect.stringContaining("--mode must be sync, async, serverless or batch"),
    ],
  });
});
