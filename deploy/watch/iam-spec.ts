import type { Parsed } from "../../src/domain/parsed.js";
import { rolePattern, roleRule } from "../role-arn.js";
import { createFlagReader, type Flags } from "../spec-flags.js";
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
  const roleArn = reader.text("role-arn") ?? (env.SAGEMAKER_ROLE || "");
  if (roleArn === "") reader.refuse("--role-arn is missing, and SAGEMAKER_ROLE names no role");
  reader.matching("role-arn", roleArn, rolePattern, roleRule);
  const [, partition = "aws", accountId = ""] = rolePattern.exec(roleArn) ?? [];
  const optional = (flag: string, pattern: RegExp, must: string): string | null => {
    const given = reader.text(flag);
    return given === undefined ? null : reader.matching(flag, given, pattern, must);
  };
  const bucketRule = "a bucket's name: 3 to 63 of a-z, 0-9, dot and hyphen";
  const topic = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}$/;
  const key = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,256}$/;
  const spec: IamSpec = {
    endpointName: readEndpointName(reader),
    region: readWatchedRegion(reader, env),
    ...{ accountId, partition, roleArn },
    bucket: reader.matching(
      "bucket",
      reader.required("bucket", bucketRule),
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      bucketRule,
    ),
    // A policy takes * and ? for anything, and what begins with $ for a variable.
    prefix:
      optional("prefix", /^(?!\/)[^*?$\s]{1,512}$/, "the beginning of keys, without / in front, *, ? and $") ?? "",
    repository: optional("repository", /^[a-z0-9][a-z0-9._/-]{1,255}$/, "an ECR repository's name") ?? "stygig",
    topicArn: optional("sns-topic-arn", topic, "the ARN of an SNS topic"),
    kmsKeyArn: optional("kms-key-arn", key, "the ARN of a KMS key"),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}
