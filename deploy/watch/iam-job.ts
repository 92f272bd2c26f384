import type { S3Place } from "../s3-uri.js";
import type { Statement } from "./iam.js";
import { sagemakerNames } from "./iam-arns.js";
import { giveRole } from "./iam-caller.js";
import { allow, containerStatements } from "./iam-execution.js";
import type { IamJobSpec } from "./iam-job-spec.js";

/** What the platform calls a kind of job, in its logs and its measurements. */
const platformNames = { "catalog-job": "ProcessingJobs", "training-job": "TrainingJobs" } as const;

/** What a job's machines may do: read pictures and items, write caches and the catalog, and log. */
export function jobExecutionStatements(spec: IamJobSpec): readonly Statement[] {
  const group = `/aws/sagemaker/${platformNames[spec.kind]}`;
  const logs = toArn(spec, "logs", `log-group:${group}`);
  const objects = (places: readonly S3Place[]) =>
    distinct(places.map(({ bucket, key }) => `${toBucketArn(spec, bucket)}/${key}*`));
  const buckets = [...spec.reads, ...spec.writes].map(({ bucket }) => toBucketArn(spec, bucket));
  return [
    ...(spec.reads.length === 0 ? [] : [allow("ReadInputs", ["s3:GetObject"], objects(spec.reads))]),
    allow("WriteOutputs", ["s3:PutObject", "s3:AbortMultipartUpload"], objects(spec.writes)),
    allow("FindBuckets", ["s3:ListBucket", "s3:GetBucketLocation"], distinct(buckets)),
    ...containerStatements({
      repository: toArn(spec, "ecr", `repository/${spec.repository}`),
      logs: [logs, `${logs}:*`],
      metricNamespaces: [group],
      kmsKeyArn: spec.kmsKeyArn,
    }),
  ];
}

/** What whoever runs `catalog job` may do: start both jobs, look at them, and give them the role. Nothing stops a job. */
export function jobCallerStatements(spec: IamJobSpec): readonly Statement[] {
  const names = ["see", "build"].flatMap((step) => sagemakerNames(`${spec.name}-${step}-*`));
  return [
    giveRole(spec.roleArn),
    allow(
      "Jobs",
      ["sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob", "sagemaker:AddTags"],
      names.map((name) => toArn(spec, "sagemaker", `processing-job/${name}`)),
    ),
  ];
}

function toArn({ partition, region, accountId }: IamJobSpec, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}

function toBucketArn({ partition }: IamJobSpec, bucket: string): string {
  return `arn:${partition}:s3:::${bucket}`;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
