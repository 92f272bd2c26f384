import { describe, expect, it } from "vitest";
import { readServiceModel } from "../../../../deploy/models/service-model.js";
import { toHashedName } from "../../../../deploy/names.js";
import { type ServiceName, serviceNames } from "../../../../deploy/planned-call.js";
import { planPolicies, type Statement } from "../../../../deploy/watch/iam.js";
import { type IamSpec, parseIamSpec } from "../../../../deploy/watch/iam-spec.js";

const flags = {
  "endpoint-name": "look",
  bucket: "looks",
  prefix: "live/",
  region: "eu-west-1",
  "role-arn": "arn:aws:iam::123456789012:role/service/look",
  "sns-topic-arn": "arn:aws:sns:eu-west-1:123456789012:answers",
  "kms-key-arn": "arn:aws:kms:eu-west-1:123456789012:key/0a1b-2c3d",
};

function parsed(changes: Readonly<Record<string, string | undefined>> = {}): IamSpec {
  const spec = parseIamSpec({ ...flags, ...changes }, {});
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  return spec.value;
}

const policies = planPolicies(parsed());
const both: readonly (readonly [string, readonly Statement[]])[] = [
  ["execution", policies.execution.Statement],
  ["caller", policies.caller.Statement],
];

/** Actions that know no resource narrower than everything, by AWS's service authorization reference. */
const withoutResource = [
  ...["ecr:GetAuthorizationToken", "logs:DescribeLogGroups", "servicequotas:ListServiceQuotas"],
  ...[
    "sagemaker:ListModels",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListEndpoints",
    "sagemaker:ListTransformJobs",
  ],
  ...["cloudwatch:GetMetricData", "cloudwatch:ListDashboards"],
  ...["application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies"],
];

describe.each(both)("the policy of the %s", (_, statements) => {
  it("names every action and has a statement's name once", () => {
    const actions = statements.flatMap(({ Action }) => Action);
    for (const action of actions) expect(action).toMatch(/^[a-z0-9-]+:[A-Z][A-Za-z]+$/);
    const names = statements.map(({ Sid }) => Sid);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9]+$/);
  });

  it("allows on everything only what cannot be narrowed, or what a condition narrows", () => {
    for (const { Action, Resource, Condition } of statements) {
      if (!Resource.includes("*") || Condition !== undefined) continue;
      expect(withoutResource).toEqual(expect.arrayContaining([...Action]));
    }
  });

  it("speaks of this account, region and names alone", () => {
    for (const resource of statements.flatMap(({ Resource }) => Resource).filter((each) => each !== "*")) {
      expect(resource).toMatch(/^arn:aws:[a-z0-9-]+:(eu-west-1)?:(123456789012)?:/);
      const isShared = /alarm:\*$|aws-service-role|TransformJobs|repository\/stygig$|key\//.test(resource);
      expect(isShared || /look|answers/.test(resource)).toBe(true);
    }
  });

  it("fits into a managed policy, with the longest names", () => {
    const longest = planPolicies(
      parsed({ "endpoint-name": `A${"a".repeat(62)}`, bucket: "b".repeat(63), repository: "r".repeat(100) }),
    );
    for (const policy of [longest.execution, longest.caller]) {
      // IAM does not count white space.
      expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6144);
    }
  });
});

/** How IAM calls a service, where it is not our name of it. */
const iamNames: Partial<Record<ServiceName, string>> = {
  "application-auto-scaling": "application-autoscaling",
  "service-quotas": "servicequotas",
};
/** Calls whose permission has another name, or none. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  "sts:GetCallerIdentity": [],
  "s3:HeadObject": ["s3:GetObject"],
  "s3:HeadBucket": ["s3:ListBucket"],
  "s3:ListObjectsV2": ["s3:ListBucket"],
  "s3:CreateMultipartUpload": ["s3:PutObject"],
  "s3:UploadPart": ["s3:PutObject"],
  "s3:CompleteMultipartUpload": ["s3:PutObject"],
  "s3:ListMultipartUploads": ["s3:ListBucketMultipartUploads"],
};
/** What we can send and a deployer of this endpoint has no need of. */
const notForDeployers = [
  // Made once, by whoever administers the account, and by `deploy ecs` for another service.
  ...["iam:CreateRole", "iam:PutRolePolicy", "sns:CreateTopic", "sns:Subscribe"],
  ...["ecs:RegisterTaskDefinition", "ecs:CreateService", "ecs:UpdateService"],
  // Nothing of ours deletes objects; who starts processing jobs has a policy of its own, and nothing stops them.
  ...["s3:DeleteObject", "sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob"],
  "sagemaker:StopProcessingJob",
];

it("whoever deploys may send every call that we plan", () => {
  const allowed = new Set(policies.caller.Statement.flatMap(({ Action }) => Action));
  const needed = serviceNames
    .flatMap((service) =>
      Object.keys(readServiceModel(service).operations).map((name) => `${iamNames[service] ?? service}:${name}`),
    )
    .filter((action) => !notForDeployers.includes(action))
    .flatMap((action) => otherNames[action] ?? [action]);
  expect(needed.filter((action) => !allowed.has(action))).toEqual([]);
});

it("whoever deploys may touch the parts by the names that they get, in the case that ARNs have", () => {
  const matches = (pattern: string, arn: string) =>
    new RegExp(`^${pattern.replace(/[.+()|[\]{}^$\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(arn);
  for (const endpointName of ["look", "Look-2", `A${"b".repeat(62)}`, `${"c".repeat(53)}-${"d".repeat(9)}`]) {
    const { Resource } = planPolicies(parsed({ "endpoint-name": endpointName })).caller.Statement.find(
      ({ Sid }) => Sid === "Endpoint",
    )!;
    const model = toHashedName(endpointName, { a: 1 });
    for (const name of [model, model.toLowerCase()]) {
      const arn = `arn:aws:sagemaker:eu-west-1:123456789012:model/${name}`;
      expect(Resource.some((pattern) => matches(pattern, arn))).toBe(true);
    }
  }
});

describe("the role", () => {
  it("is given to SageMaker alone, for this account's endpoints alone", () => {
    expect(policies.trust.Statement).toEqual([
      {
        Sid: "SageMakerOfThisAccount",
        Effect: "Allow",
        Principal: { Service: "sagemaker.amazonaws.com" },
        Action: ["sts:AssumeRole"],
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]);
    expect(policies.caller.Statement[0]).toMatchObject({
      Action: ["iam:PassRole"],
      Resource: [flags["role-arn"]],
      Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    });
  });

  it("reads and writes below its prefix, tells its topic, and changes nothing else", () => {
    const objects = "arn:aws:s3:::looks/live/*";
    const of = (action: string) =>
      policies.execution.Statement.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
    expect(of("s3:GetObject")).toEqual([objects]);
    expect(of("s3:PutObject")).toEqual([objects]);
    expect(of("sns:Publish")).toEqual([flags["sns-topic-arn"]]);
    expect(of("kms:Decrypt")).toEqual([flags["kms-key-arn"]]);
    const actions = policies.execution.Statement.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /Delete|iam:|sagemaker:/.test(action))).toEqual([]);
  });

  it("has no permission for a topic or a key that is not there", () => {
    const { execution } = planPolicies(parsed({ "sns-topic-arn": undefined, "kms-key-arn": undefined }));
    expect(JSON.stringify(execution)).not.toMatch(/sns:|kms:/);
  });
});

it("names that would widen a policy are refused, every problem at once", () => {
  const spec = parseIamSpec(
    { ...flags, bucket: "*", prefix: "a*", repository: "../x", "role-arn": "look", "endpoint-name": "look*" },
    {},
  );
  expect(spec).toMatchObject({
    problems: [
      expect.stringContaining("--role-arn must be a role's ARN"),
      expect.stringContaining("--endpoint-name must be"),
      expect.stringContaining("--bucket must be"),
      expect.stringContaining("--prefix must be"),
      expect.stringContaining("--repository must be"),
    ],
  });
});
