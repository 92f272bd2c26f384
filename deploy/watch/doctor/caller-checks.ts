import { posix } from "node:path";
import type { SendCall } from "../../planned-call.js";
import { callerStatements } from "../iam-caller.js";
import type { IamSpec } from "../iam-spec.js";
import type { AwsSpec } from "./doctor.js";
import { type Check, ok, unknown, type Verdict, warning } from "./finding.js";
import { findDenied } from "./simulate.js";

/** Who asks. */
export async function readCaller(send: SendCall): Promise<Verdict> {
  const { Arn } = await send({ service: "sts", operation: "GetCallerIdentity", input: {} });
  return ok(String(Arn));
}

/** Whether whoever asks may deploy; only where endpoint, role and artifact are named, for the rights depend on them. */
export function callerChecks(spec: AwsSpec, send: SendCall): readonly Check[] {
  const iam = toIamSpec(spec);
  return iam === null ? [] : [{ name: "caller rights", look: () => judgeCaller(iam, send) }];
}

/** What the policies of this deployment would be written for; null while not enough of it is named. */
export function toIamSpec({ endpointName, region, roleArn, model, imageUri }: AwsSpec): IamSpec | null {
  const [, partition, accountId] = /^arn:([^:]+):iam::(\d{12}):/.exec(roleArn ?? "") ?? [];
  if (endpointName === null || roleArn === null || model === null || partition === undefined || !accountId) return null;
  const folder = posix.dirname(model.key);
  return {
    ...{ endpointName, region, accountId, partition, roleArn, topicArn: null, kmsKeyArn: null },
    bucket: model.bucket,
    prefix: folder === "." ? "" : `${folder}/`,
    repository: /\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(imageUri ?? "")?.[1] ?? "stygig",
  };
}

async function judgeCaller(iam: IamSpec, send: SendCall): Promise<Verdict> {
  const { Arn } = await send({ service: "sts", operation: "GetCallerIdentity", input: {} });
  const arn = await toPrincipal(String(Arn), send);
  const byHand = "compare its policies with `stygig deploy iam --policy caller`";
  if (arn === null) return unknown(`IAM cannot simulate ${Arn}`, byHand);
  const statements = callerStatements(iam);
  const denied = await findDenied(send, arn, statements);
  if (denied.length === 0) return ok(`all ${statements.flatMap(({ Action }) => Action).length} actions are allowed`);
  return warning(`not allowed: ${toShort(denied)}`, `some of it may not be needed; ${byHand}`);
}

/** A role's session has no policies of its own; the role's ARN has a path, which the session's does not tell. */
async function toPrincipal(arn: string, send: SendCall): Promise<string | null> {
  if (/:iam::\d{12}:(user|role)\//.test(arn)) return arn;
  const role = /:sts::\d{12}:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  if (role === undefined) return null;
  const answer = await send({ service: "iam", operation: "GetRole", input: { RoleName: role } });
  return (answer.Role as Readonly<{ Arn: string }>).Arn;
}

/** The first few of a long list. */
export function toShort(list: readonly string[]): string {
  const shown = list.slice(0, 4).join(", ");
  return list.length > 4 ? `${shown} and ${list.length - 4} more` : shown;
}
