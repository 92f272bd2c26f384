import type { Parsed } from "../../src/domain/parsed.js";
import { rolePattern, roleRule } from "../role-arn.js";
import { createFlagReader, type FlagReader, type Flags } from "../spec-flags.js";
import { readEndpointName, readWatchedRegion } from "./watch-spec.js";

/** What the policies are for. ARNs are of `partition`: `aws`, or China's and the government's own. */
export type IamSpec = Readonly<{
  endpointName: string;
  region: string;
  accountId: string;
  partition: string;
  roleArn: string;
  bucket: string;
  /** What the keys in the bucket begin with; empty for all of it. */
  prefix: string;
  repository: string;
  topicArn: string | null;
  kmsKeyArn: string | null;
}>;

/** Flags as typed, by their names without dashes -> what policies are wanted, or every problem at once. */
export function parseIamSpec(flags: Flags, env: Readonly<Record<string, string | undefined>>): Parsed<IamSpec> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const role = readRole(reader, env);
  const bucketRule = "a bucket's name: 3 to 63 of a-z, 0-9, dot and hyphen";
  const topic = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}$/;
  const spec: IamSpec = {
    endpointName: readEndpointName(reader),
    region: readWatchedRegion(reader, env),
    ...role,
    bucket: reader.matching(
      "bucket",
      reader.required("bucket", bucketRule),
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      bucketRule,
    ),
    // A policy takes * and ? for anything, and what begins with $ for a variable.
    prefix:
      readOptional(
        reader,
        "prefix",
        /^(?!\/)[^*?$\s]{1,512}$/,
        "the beginning of keys, without / in front, *, ? and $",
      ) ?? "",
    repository: readRepository(reader),
    topicArn: readOptional(reader, "sns-topic-arn", topic, "the ARN of an SNS topic"),
    kmsKeyArn: readKmsKey(reader),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}

/** --role-arn, else SAGEMAKER_ROLE, and whose it is. */
export function readRole(reader: FlagReader, env: Readonly<Record<string, string | undefined>>) {
  const roleArn = reader.text("role-arn") ?? (env.SAGEMAKER_ROLE || "");
  if (roleArn === "") reader.refuse("--role-arn is missing, and SAGEMAKER_ROLE names no role");
  reader.matching("role-arn", roleArn, rolePattern, roleRule);
  const [, partition = "aws", accountId = ""] = rolePattern.exec(roleArn) ?? [];
  return { accountId, partition, roleArn };
}

/** --repository: where the image is. */
export function readRepository(reader: FlagReader): string {
  const pattern = /^[a-z0-9][a-z0-9._/-]{1,255}$/;
  return readOptional(reader, "repository", pattern, "an ECR repository's name") ?? "stygig";
}

/** --kms-key-arn: what buckets are encrypted with, or null. */
export function readKmsKey(reader: FlagReader): string | null {
  const pattern = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,256}$/;
  return readOptional(reader, "kms-key-arn", pattern, "the ARN of a KMS key");
}

function readOptional(reader: FlagReader, flag: string, pattern: RegExp, must: string): string | null {
  const given = reader.text(flag);
  return given === undefined ? null : reader.matching(flag, given, pattern, must);
}
