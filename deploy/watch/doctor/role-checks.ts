import { posix } from "node:path";
import type { SendCall } from "../../planned-call.js";
import { executionStatements } from "../iam-execution.js";
import { toIamSpec, toShort } from "./caller-checks.js";
import type { AwsSpec } from "./doctor.js";
import { type Check, failed, ok, unknown, type Verdict } from "./finding.js";
import { findDenied } from "./simulate.js";

/** Whether SageMaker may take the execution role, and whether the role may do what the endpoint needs. */
export function roleChecks(spec: AwsSpec, send: SendCall): readonly Check[] {
  const { roleArn } = spec;
  if (roleArn === null) return [];
  return [
    { name: "role trust", look: () => judgeTrust(roleArn, send) },
    { name: "role rights", look: () => judgeRights(spec, roleArn, send) },
  ];
}

type TrustStatement = Readonly<{
  Effect?: string;
  Action?: string | readonly string[];
  Principal?: string | Readonly<{ Service?: string | readonly string[] }>;
}>;

async function judgeTrust(roleArn: string, send: SendCall): Promise<Verdict> {
  const RoleName = roleArn.split("/").at(-1)!;
  const { Role } = await send({ service: "iam", operation: "GetRole", input: { RoleName } });
  const { AssumeRolePolicyDocument, Arn } = Role as Readonly<{ AssumeRolePolicyDocument?: string; Arn: string }>;
  if (Arn !== roleArn) return failed(`this account's role ${RoleName} is ${Arn}`, "name the role by this ARN");
  // IAM gives it percent-encoded.
  const document = JSON.parse(decodeURIComponent(AssumeRolePolicyDocument ?? "{}")) as Readonly<{
    Statement?: TrustStatement | readonly TrustStatement[];
  }>;
  const isTrusting = toList(document.Statement).some(
    ({ Effect, Action, Principal }) =>
      Effect === "Allow" &&
      toList(Action).some((action) => ["sts:AssumeRole", "sts:*", "*"].includes(action)) &&
      typeof Principal === "object" &&
      toList(Principal.Service).includes("sagemaker.amazonaws.com"),
  );
  if (isTrusting) return ok(`SageMaker may take ${RoleName}`);
  return failed(`SageMaker may not take ${RoleName}`, "see `stygig deploy iam --policy trust`");
}

async function judgeRights(spec: AwsSpec, roleArn: string, send: SendCall): Promise<Verdict> {
  const iam = toIamSpec(spec);
  const byHand = "compare its policies with `stygig deploy iam --policy execution`";
  if (iam === null) return unknown("depend on what is deployed", "give --endpoint-name and --model-uri as well");
  // Real-time and serverless answers go back to the caller.
  const writes = spec.mode === "async" || spec.mode === "batch";
  const statements = executionStatements(iam).filter(({ Sid }) => writes || Sid !== "WriteAnswers");
  const denied = await findDenied(send, roleArn, statements, posix.basename(spec.model?.key ?? "example"));
  if (denied.length === 0) return ok(`all ${statements.flatMap(({ Action }) => Action).length} actions are allowed`);
  return failed(`not allowed: ${toShort(denied)}`, byHand);
}

function toList<Each>(value: Each | readonly Each[] | undefined): readonly Each[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Each];
}
