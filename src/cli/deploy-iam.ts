import { type Command, Option } from "commander";
import type { Flags } from "../../deploy/spec-flags.js";
import { type IamPolicies, planPolicies } from "../../deploy/watch/iam.js";
import { type IamSpec, parseIamSpec } from "../../deploy/watch/iam-spec.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

const kinds = ["trust", "execution", "caller"] as const;

/** Adds `stygig deploy iam`: the policies that an endpoint needs, and no more. */
export function addDeployIamCommand(deploy: Command, env: Environment): void {
  const command = deploy.command("iam");
  command
    .summary("least-privilege IAM policies for an endpoint, its role and whoever deploys it")
    .description(
      "trust: who may take the execution role. execution: what it may do. caller: what whoever deploys may do.\n" +
        "All three, or one of them as a policy document on stdout. Without network or credentials.",
    )
    .option("--endpoint-name <name>", "the endpoint; batch jobs whose names begin so are its, too")
    .option("--bucket <name>", "where artifact, pictures and answers are")
    .option("--prefix <text>", "what their keys begin with (default: the whole bucket)")
    .option("--role-arn <arn>", "the execution role (default: SAGEMAKER_ROLE)")
    .option("--region <region>", "where (default: AWS_REGION)")
    .option("--repository <name>", "the image's ECR repository (default: stygig)")
    .option("--sns-topic-arn <arn>", "where async answers are told of")
    .option("--kms-key-arn <arn>", "what the bucket is encrypted with")
    .addOption(new Option("--policy <policy>", "only this document").choices(kinds))
    .option("--json", "all three in one JSON object")
    .action(() => runIam(readFlags(command), env));
}

async function runIam(flags: Flags, env: Environment): Promise<void> {
  const spec = parseIamSpec(flags, env);
  if ("problems" in spec) return tellProblems(spec.problems, exitCodes.usage);
  const policies = planPolicies(spec.value);
  const kind = kinds.find((each) => each === flags.policy);
  if (kind !== undefined) return writeData(JSON.stringify(policies[kind], null, 2));
  if (flags.json === true) return writeData(JSON.stringify(policies, null, 2));
  await showAll(policies, spec.value);
}

async function showAll(policies: IamPolicies, { roleArn }: IamSpec): Promise<void> {
  const role = roleArn.split("/").at(-1);
  const titles = {
    trust: `who may take ${role}`,
    execution: `what ${role} may do`,
    caller: "what whoever deploys may do",
  } as const;
  for (const kind of kinds) {
    await writeData(`# ${kind}: ${titles[kind]}`);
    await writeData(JSON.stringify(policies[kind], null, 2));
  }
  tell("note: --policy prints one of them alone, for `aws iam put-role-policy --policy-document`");
}
