import { type Command, Option } from "commander";
import type { Flags } from "../../deploy/spec-flags.js";
import { type JobPolicies, planJobPolicies, planPolicies } from "../../deploy/watch/iam.js";
import { jobKinds, parseIamJobSpec } from "../../deploy/watch/iam-job-spec.js";
import { parseIamSpec } from "../../deploy/watch/iam-spec.js";
import type { Parsed } from "../domain/parsed.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

const kinds = ["trust", "execution", "caller"] as const;
const purposes = ["endpoint", ...jobKinds] as const;
const jobFlags = ["images-uri", "items-uri", "encoder-uri", "output-uri", "checkpoint-uri", "name"] as const;

/** Adds `stygig deploy iam`: the policies that an endpoint or a job needs, and no more. */
export function addDeployIamCommand(deploy: Command, env: Environment): void {
  const command = deploy.command("iam");
  command
    .summary("least-privilege IAM policies for an endpoint or a job, its role and whoever starts it")
    .description(
      "trust: who may take the execution role. execution: what it may do. caller: what whoever deploys may do.\n" +
        "All three, or one of them as a policy document on stdout. Without network or credentials.",
    )
    .addOption(new Option("--for <what>", "whose policies").choices(purposes).default("endpoint"))
    .option("--endpoint-name <name>", "the endpoint; batch jobs whose names begin so are its, too")
    .option("--bucket <name>", "endpoint: where artifact, pictures and answers are")
    .option("--prefix <text>", "endpoint: what their keys begin with (default: the whole bucket)")
    .option("--images-uri <uri>", "job: its pictures, s3://bucket/folder/, as for `catalog job`")
    .option("--items-uri <uri>", "job: its items, s3://bucket/key")
    .option("--encoder-uri <uri>", "job: its encoder, s3://bucket/folder/ (default: the one in the image)")
    .option("--output-uri <uri>", "job: where the catalog goes, s3://bucket/folder/")
    .option("--checkpoint-uri <uri>", "training job: where its checkpoints are, s3://bucket/folder/")
    .option("--name <name>", "catalog job: what its jobs' names begin with (default: stygig-catalog)")
    .option("--role-arn <arn>", "the execution role (default: SAGEMAKER_ROLE)")
    .option("--region <region>", "where (default: AWS_REGION)")
    .option("--repository <name>", "the image's ECR repository (default: stygig)")
    .option("--sns-topic-arn <arn>", "endpoint: where async answers are told of")
    .option("--kms-key-arn <arn>", "what the buckets are encrypted with")
    .addOption(new Option("--policy <policy>", "only this document").choices(kinds))
    .option("--json", "all of them in one JSON object")
    .action(() => runIam(readFlags(command), env));
}

async function runIam(flags: Flags, env: Environment): Promise<void> {
  const planned = plan(flags, env);
  if ("problems" in planned) return tellProblems(planned.problems, exitCodes.usage);
  const { policies } = planned.value;
  const kind = kinds.find((each) => each === flags.policy);
  if (kind !== undefined) {
    if (policies[kind] !== undefined) return writeData(JSON.stringify(policies[kind], null, 2));
    return tellProblems(["--policy caller: no command here starts training jobs"], exitCodes.usage);
  }
  if (flags.json === true) return writeData(JSON.stringify(policies, null, 2));
  await showAll(planned.value);
}

type Planned = Readonly<{ policies: JobPolicies; roleArn: string; caller: string }>;

function plan(flags: Flags, env: Environment): Parsed<Planned> {
  const job = jobKinds.find((each) => each === flags.for);
  if (job !== undefined) {
    const spec = parseIamJobSpec(job, flags, env);
    if ("problems" in spec) return spec;
    const { roleArn } = spec.value;
    return { value: { policies: planJobPolicies(spec.value), roleArn, caller: "whoever runs `catalog job`" } };
  }
  const [first, ...rest] = jobFlags
    .filter((flag) => flags[flag] !== undefined)
    .map((flag) => `--${flag} is for jobs alone`);
  if (first !== undefined) return { problems: [first, ...rest] };
  const spec = parseIamSpec(flags, env);
  if ("problems" in spec) return spec;
  const { roleArn } = spec.value;
  return { value: { policies: planPolicies(spec.value), roleArn, caller: "whoever deploys" } };
}

async function showAll({ policies, roleArn, caller }: Planned): Promise<void> {
  const role = roleArn.split("/").at(-1);
  const titles = {
    trust: `who may take ${role}`,
    execution: `what ${role} may do`,
    caller: `what ${caller} may do`,
  } as const;
  for (const kind of kinds) {
    if (policies[kind] === undefined) continue;
    await writeData(`# ${kind}: ${titles[kind]}`);
    await writeData(JSON.stringify(policies[kind], null, 2));
  }
  tell("note: --policy prints one of them alone, for `aws iam put-role-policy --policy-document`");
}
