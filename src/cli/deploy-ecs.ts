import type { Command } from "commander";
import { validateCall } from "../../deploy/models/validate-call.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import type { Flags } from "../../deploy/spec-flags.js";
import { planEcs } from "../../deploy/watch/ecs.js";
import { type EcsSpec, parseEcsSpec } from "../../deploy/watch/ecs-spec.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { repeated } from "./watch-flags.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `stygig deploy ecs`: the same container as a service on ECS. */
export function addDeployEcsCommand(deploy: Command, env: Environment): void {
  const command = deploy.command("ecs");
  command
    .summary("the same container on ECS: a task definition and a service")
    .description(
      "Writes the calls that make the container a service: on Fargate, which has no GPUs, or with --capacity-provider on\n" +
        "EC2 instances of your own, which may. Without network or credentials.",
    )
    .option("--service-name <name>", "of the service, its task definition and its log group /ecs/<name>")
    .option("--cluster <name>", "a cluster that is there (default: default)")
    .option("--image-uri <uri>", "the image (default: STYGIG_IMAGE_URI)")
    .option("--image-arch <name>", "what it was built for: amd64 or arm64 (default: amd64)")
    .option("--model-uri <uri>", "the artifact, s3://bucket/model.tar.gz: fetched before the server starts")
    .option("--artifact-in-image", "the image has it already")
    .option("--execution-role-arn <arn>", "pulls the image and writes logs")
    .option("--task-role-arn <arn>", "reads the artifact, and pictures in S3")
    .option("--cpu <units>", "1024 are a vCPU (default: 2048)")
    .option("--memory-mib <count>", "of the task (default: 4096)")
    .option("--gpus <count>", "of each task; needs --capacity-provider (default: 0)")
    .option("--capacity-provider <name>", "EC2 instances of your own (default: FARGATE)")
    .option("--count <count>", "tasks (default: 1)")
    .addOption(repeated("--subnet <id>", "where the tasks have their addresses; may repeat"))
    .addOption(repeated("--security-group <id>", "who may reach them; may repeat"))
    .option("--assign-public-ip", "Fargate in a public subnet needs one to pull the image")
    .option("--target-group-arn <arn>", "of a load balancer in front")
    .addOption(repeated("--env <key=value>", "a variable of the server, by its own table; may repeat"))
    .option("--log-retention-days <days>", "how long log lines are kept (default: 30)")
    .option("--region <region>", "where (default: AWS_REGION)")
    .option("--dry-run", "needed: this command shows the calls and sends none")
    .option("--json", "the calls as one JSON list")
    .action(() => runEcs(readFlags(command), env));
}

async function runEcs(flags: Flags, env: Environment): Promise<void> {
  const spec = parseEcsSpec(flags, env);
  const problems = "problems" in spec ? [...spec.problems] : [];
  if (flags["dry-run"] !== true) problems.push("--dry-run is missing: this command shows the calls and sends none");
  if ("problems" in spec || problems.length > 0) return tellProblems(problems, exitCodes.usage);
  const calls = planEcs(spec.value);
  const refused = calls.flatMap(validateCall);
  if (refused.length > 0) return tellProblems(refused, exitCodes.usage);
  if (flags.json === true) return writeData(JSON.stringify(calls, null, 2));
  await writeData(calls.map(toText).join("\n"));
  for (const note of toNotes(spec.value)) tell(`note: ${note}`);
}

function toText({ service, operation, input }: PlannedCall): string {
  return `# ${service} ${operation}\n${JSON.stringify(input, null, 2)}`;
}

function toNotes({ gpus, capacityProvider, cluster, modelUri }: EcsSpec): readonly string[] {
  const host =
    capacityProvider === null
      ? "Fargate has no GPUs: this service encodes on CPUs"
      : `the instances behind ${capacityProvider} must be in cluster ${cluster}${gpus > 0 ? " and run the GPU image of ECS, with a driver for CUDA 13 (580 or newer)" : ""}`;
  const role = modelUri === null ? [] : [`the task role must be allowed s3:GetObject on ${modelUri}`];
  return [host, ...role, "each input is what `aws ecs <operation> --cli-input-json` takes"];
}
