import { callerStatements } from "./iam-caller.js";
import { executionStatements } from "./iam-execution.js";
import { jobCallerStatements, jobExecutionStatements } from "./iam-job.js";
import type { IamJobSpec } from "./iam-job-spec.js";
import type { IamSpec } from "./iam-spec.js";

/** One permission: what may be done to what, and under which condition. */
export type Statement = Readonly<{
  Sid: string;
  Effect: "Allow";
  Action: readonly string[];
  Resource: readonly string[];
  Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}>;

export type Policy<Each = Statement> = Readonly<{ Version: "2012-10-17"; Statement: readonly Each[] }>;

type TrustStatement = Omit<Statement, "Resource"> & Readonly<{ Principal: Readonly<{ Service: string }> }>;

type RolePolicies = Readonly<{ trust: Policy<TrustStatement>; execution: Policy }>;

/** Who may take the execution role, what it may do, and what whoever deploys may do; no more than that. */
export type IamPolicies = RolePolicies & Readonly<{ caller: Policy }>;

/** The same for a job; without `caller` where no command of ours starts it. */
export type JobPolicies = RolePolicies & Readonly<{ caller?: Policy }>;

/** The policies for one endpoint, its bucket and its role. */
export function planPolicies(spec: IamSpec): IamPolicies {
  return {
    trust: toPolicy([trustStatement(spec.accountId)]),
    execution: toPolicy(executionStatements(spec)),
    caller: toPolicy(callerStatements(spec)),
  };
}

/** The policies for the jobs that build a catalog, their buckets and their role. */
export function planJobPolicies(spec: IamJobSpec): JobPolicies {
  return {
    trust: toPolicy([trustStatement(spec.accountId)]),
    execution: toPolicy(jobExecutionStatements(spec)),
    ...(spec.kind === "catalog-job" ? { caller: toPolicy(jobCallerStatements(spec)) } : {}),
  };
}

/** The service may take the role for this account's endpoints and jobs, and for nobody else's. */
function trustStatement(accountId: string): TrustStatement {
  return {
    Sid: "SageMakerOfThisAccount",
    Effect: "Allow",
    Principal: { Service: "sagemaker.amazonaws.com" },
    Action: ["sts:AssumeRole"],
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}

function toPolicy<Each>(statements: readonly Each[]): Policy<Each> {
  return { Version: "2012-10-17", Statement: statements };
}
