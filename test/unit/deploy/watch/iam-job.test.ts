import { describe, expect, it } from "vitest";
import { planCatalogJob } from "../../../../deploy/calls-catalog-job.js";
import { parseCatalogJob } from "../../../../deploy/catalog-job-spec.js";
import { planJobPolicies, type Statement } from "../../../../deploy/watch/iam.js";
import { parseIamJobSpec } from "../../../../deploy/watch/iam-job-spec.js";

const flags = {
  ...{ "images-uri": "s3://photos/train", "items-uri": "s3://photos/items.csv", "output-uri": "s3://catalogs/today" },
  ...{ "encoder-uri": "s3://encoders/clip/", region: "eu-west-1", "role-arn": "arn:aws:iam::123456789012:role/look" },
};

function policiesOf(kind: "catalog-job" | "training-job", changes = {}) {
  const spec = parseIamJobSpec(kind, { ...flags, ...changes }, {});
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  return planJobPolicies(spec.value);
}

const resourcesOf = (statements: readonly Statement[], action: string) =>
  statements.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);

type Places = Readonly<{
  ProcessingInputs: readonly Readonly<{ S3Input: Readonly<{ S3Uri: string }> }>[];
  ProcessingOutputConfig: Readonly<{ Outputs: readonly Readonly<{ S3Output: Readonly<{ S3Uri: string }> }>[] }>;
}>;

/** Where the planned jobs read and write, as a policy would name it. */
function placesOf(changes = {}) {
  const spec = parseCatalogJob({ ...flags, ...changes }, { env: {}, version: "1.2.3" });
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  const { see, build } = planCatalogJob(spec.value);
  const jobs = [see, build].map(({ input }) => input as unknown as Places);
  const toArn = (uri: string) => `${uri.replace("s3://", "arn:aws:s3:::")}*`;
  return {
    reads: new Set(jobs.flatMap((job) => job.ProcessingInputs.map(({ S3Input }) => toArn(S3Input.S3Uri)))),
    writes: jobs.flatMap((job) => job.ProcessingOutputConfig.Outputs.map(({ S3Output }) => toArn(S3Output.S3Uri))),
  };
}

describe("the role of a catalog job", () => {
  it.each([
    {},
    { "items-uri": undefined, "encoder-uri": undefined },
    { "images-uri": "s3://photos", "output-uri": "s3://catalogs/" },
    { "images-uri": undefined, "fetch-images": "cdn.example.com" },
  ])("reads and writes where the planned jobs do, and nowhere else: %j", (changes) => {
    const { execution } = policiesOf("catalog-job", changes);
    const { reads, writes } = placesOf(changes);
    expect(new Set(resourcesOf(execution.Statement, "s3:GetObject"))).toEqual(reads);
    const [output = "", ...others] = resourcesOf(execution.Statement, "s3:PutObject");
    expect(others).toEqual([]);
    expect(writes.filter((place) => !place.startsWith(output.slice(0, -1)))).toEqual([]);
    expect(writes).toContain(output);
    const buckets = new Set([...reads, ...writes].map((arn) => arn.replace(/\/.*/, "")));
    expect(new Set(resourcesOf(execution.Statement, "s3:ListBucket"))).toEqual(buckets);
  });

  it("pulls the image and writes the log of its own kind of job", () => {
    for (const [kind, name] of [
      ["catalog-job", "ProcessingJobs"],
      ["training-job", "TrainingJobs"],
    ] as const) {
      const { execution, trust } = policiesOf(kind, { repository: "ours/look" });
      const of = (action: string) => resourcesOf(execution.Statement, action);
      expect(of("ecr:BatchGetImage")).toEqual(["arn:aws:ecr:eu-west-1:123456789012:repository/ours/look"]);
      const group = `arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/${name}`;
      expect(of("logs:PutLogEvents")).toEqual([group, `${group}:*`]);
      const metrics = execution.Statement.find(({ Sid }) => Sid === "WriteMetrics");
      expect(metrics?.Condition).toEqual({ StringEquals: { "cloudwatch:namespace": [`/aws/sagemaker/${name}`] } });
      expect(trust.Statement).toMatchObject([
        {
          Principal: { Service: "sagemaker.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
      ]);
      const actions = execution.Statement.flatMap(({ Action }) => Action);
      expect(actions.filter((action) => /Delete|iam:|sagemaker:|kms:|sns:/.test(action))).toEqual([]);
    }
  });
});

describe("the role of a training job", () => {
  it("keeps and reads its checkpoints, and does not read what it made", () => {
    const { execution } = policiesOf("training-job", { "checkpoint-uri": "s3://kept/look" });
    const of = (action: string) => resourcesOf(execution.Statement, action);
    expect(of("s3:PutObject")).toEqual(["arn:aws:s3:::catalogs/today/*", "arn:aws:s3:::kept/look/*"]);
    expect(of("s3:GetObject")).toContain("arn:aws:s3:::kept/look/*");
    expect(of("s3:GetObject").join()).not.toContain("catalogs");
  });

  it("has no caller among our commands", () => {
    expect(policiesOf("training-job")).not.toHaveProperty("caller");
  });

  it("uses a key only where there is one", () => {
    const key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b-2c3d";
    const { execution } = policiesOf("training-job", { "kms-key-arn": key });
    expect(resourcesOf(execution.Statement, "kms:Decrypt")).toEqual([key]);
  });
});

it("whoever starts a catalog's jobs gives the role to SageMaker alone", () => {
  expect(policiesOf("catalog-job").caller?.Statement[0]).toMatchObject({
    Action: ["iam:PassRole"],
    Resource: [flags["role-arn"]],
    Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
  });
});

it("what is missing, would widen a policy or is for something else is refused, every problem at once", () => {
  const spec = parseIamJobSpec(
    "catalog-job",
    {
      ...{
        bucket: "looks",
        "checkpoint-uri": "s3://kept/x",
        "images-uri": "s3://photos/*",
        "items-uri": "s3://photos/",
      },
      ...{ name: "*", region: "eu-west-1", "role-arn": "look" },
    },
    {},
  );
  expect(spec).toEqual({
    problems: [
      "--bucket means nothing with --for catalog-job",
      "--checkpoint-uri means nothing with --for catalog-job",
      "--output-uri is missing: s3://bucket/folder/",
      '--images-uri must be s3://bucket/folder/ without *, ? and $, not "s3://photos/*"',
      '--items-uri must be s3://bucket/key without *, ? and $, not "s3://photos/"',
      expect.stringContaining("--name must be at most 41 letters"),
      expect.stringContaining("--role-arn must be a role's ARN"),
    ],
  });
});
