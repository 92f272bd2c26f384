import { type Command, Option } from "commander";
import type { DeployMode } from "../../deploy/spec.js";
import type { Flags } from "../../deploy/spec-flags.js";

/** A flag of `deploy`: how it is written, what it means, and whether it may come several times. */
type FlagLine = Readonly<{ flags: string; help: string; repeats?: true }>;

const line = (flags: string, help: string): FlagLine => ({ flags, help });

const common: readonly FlagLine[] = [
  line("--model-uri <uri>", "the artifact: s3://bucket/model.tar.gz, as `stygig catalog pack` makes it"),
  line(
    "--image-uri <uri>",
    "the image (default: STYGIG_IMAGE_URI, else stygig:VERSION-cpu or -gpu of the role's account)",
  ),
  line("--role-arn <arn>", "the execution role (default: SAGEMAKER_ROLE, else role_arn of the profile)"),
  line("--region <region>", "where (default: AWS_REGION, AWS_DEFAULT_REGION, else the profile's)"),
  line("--profile <name>", "of the AWS configuration files (default: AWS_PROFILE, else default)"),
  { ...line("--env <key=value>", "a variable of the container, by the server's own table; may repeat"), repeats: true },
  { ...line("--tag <key=value>", "a tag on everything that is made; may repeat"), repeats: true },
];

const instances: readonly FlagLine[] = [
  line("--instance-type <type>", "such as ml.c7i.xlarge or ml.g4dn.xlarge; auto has the planner choose"),
  line("--instance-count <count>", "instances to start with (default: 1, or the planner's)"),
];

/** What `--instance-type auto` is told of the demand. */
const demand: readonly FlagLine[] = [
  line("--rps <rate>", "auto: looks a second at the peak"),
  line("--p95-ms <ms>", "auto: what 95 of 100 looks must stay under"),
  line("--gpu <word>", "auto: never, auto or always (default: auto)"),
  line("--budget-usd <usd>", "auto: the most that a month may cost"),
  line("--headroom <share>", "auto: share of each instance's rate that stays free (default: 0.3)"),
  line("--precision <name>", "auto: what the encoder runs in, int8 or fp32 (default: int8)"),
  line("--force", "auto: take the nearest choice where none meets target and budget"),
];

const hosts: readonly FlagLine[] = [
  line("--image-arch <name>", "what the image was built for: amd64, or arm64 for Graviton (default: amd64)"),
  line(
    "--inference-ami-version <name>",
    "host image with the GPU's driver (default: the one for CUDA 13 where it is needed)",
  ),
  line("--startup-timeout-s <seconds>", "until a container's first good ping, 60 to 3600 (default: 600)"),
  line("--min-instances <count>", "scaling: the least (default: sync the instance count, async 0)"),
  line("--max-instances <count>", "scaling: the most (default: twice the instance count)"),
];

const endpointName = line("--endpoint-name <name>", "at most 63 letters, digits and hyphens");

/** How traffic moves from instances to instances. */
const shifting: readonly FlagLine[] = [
  line("--strategy <kind>", "updates: all-at-once, canary, linear or rolling (default: all-at-once)"),
  line(
    "--shift-percent <percent>",
    "updates: of the fleet, first or at a time (default: canary 10, linear and rolling 25)",
  ),
];

const endpoint: readonly FlagLine[] = [
  line("--bake-s <seconds>", "updates: how long traffic is watched after each step (default: 600)"),
  line("--termination-wait-s <seconds>", "updates: how long the old fleet is kept at the end (default: 0)"),
  line("--max-error-percent <percent>", "updates: go back above this share of 5xx (default: 2)"),
  line("--max-p99-ms <ms>", "updates: go back above this latency (default: sync 600 on CPUs, 300 on GPUs; else none)"),
  line("--no-rollback-alarms", "updates: never go back by themselves"),
  line("--log-retention-days <days>", "how long log lines are kept (default: 30)"),
];

const asyncOutput: readonly FlagLine[] = [
  line("--s3-output-path <uri>", "where the answers go: s3://bucket/folder/"),
  line("--s3-failure-path <uri>", "where failures go (default: failures/ below the answers)"),
  line("--sns-topic-arn <arn>", "told of answers and failures"),
  line("--sns-error-topic-arn <arn>", "told of failures instead"),
  line("--max-concurrent <count>", "requests at once in each instance, 1 to 1000 (default: 10)"),
  line("--backlog-per-instance <count>", "scaling: requests that may wait for each instance (default: 5)"),
];

const serverless: readonly FlagLine[] = [
  line("--memory-mb <size>", "1024, 2048, 3072, 4096, 5120 or 6144 (default: 3072)"),
  line("--max-concurrency <count>", "requests at once, 1 to 200 (default: 5)"),
  line("--provisioned-concurrency <count>", "of those, kept warm and paid by the hour (default: none)"),
];

const batch: readonly FlagLine[] = [
  line("--job-name <name>", "at most 63 letters, digits and hyphens; a name can be used once"),
  line("--s3-input-path <uri>", "what to read: s3://bucket/folder/ or a file"),
  line("--s3-output-path <uri>", "where the answers go: s3://bucket/folder/"),
  line(
    "--content-type <type>",
    "application/jsonlines, cut at line feeds, or image/jpeg and the like (default: the former)",
  ),
  line("--max-concurrent <count>", "requests at once in each instance (default: what the container says)"),
  line("--max-payload-mb <mb>", "the largest request; times --max-concurrent at most 100 (default: 6)"),
  line("--invocation-timeout-s <seconds>", "for one request, 1 to 3600 (default: 600)"),
  line("--transform-ami-version <name>", "host image with the GPU's driver, for an image built for an older CUDA"),
];

/** The flags of each mode, in the order of its help. */
export const deployFlags: Readonly<Record<DeployMode, readonly FlagLine[]>> = {
  sync: [
    endpointName,
    ...common,
    ...instances,
    ...demand,
    line(
      "--rps-per-instance <rate>",
      "scaling: looks a second that one instance bears, as `stygig loadtest` measures it",
    ),
    ...hosts,
    ...shifting,
    ...endpoint,
  ],
  async: [endpointName, ...common, ...asyncOutput, ...instances, ...demand, ...hosts, ...shifting, ...endpoint],
  serverless: [endpointName, ...common, ...serverless, ...endpoint],
  batch: [...batch.slice(0, 1), ...common, ...batch.slice(1), ...instances, ...demand],
};

/** Adds a mode's flags to its command, with a usual instance type where it has one. */
export function addDeployFlags(
  command: Command,
  mode: DeployMode,
  { usualInstanceType }: Readonly<{ usualInstanceType: string }>,
): Command {
  for (const flag of deployFlags[mode]) {
    const option = toOption(flag);
    if (option.attributeName() === "instanceType") option.default(usualInstanceType);
    command.addOption(option);
  }
  return command;
}

/** A flag as the command line takes it. */
export function toOption({ flags, help, repeats }: FlagLine): Option {
  const option = new Option(flags, help);
  return repeats ? option.argParser((text: string, before: readonly string[] = []) => [...before, text]) : option;
}

/** What was typed, by the flags' own names without dashes; `--no-x` is `no-x`. */
export function readFlags(command: Command): Flags {
  const values: Readonly<Record<string, Flags[string]>> = command.opts();
  return Object.fromEntries(
    command.options.map((option) => {
      const value = values[option.attributeName()];
      return [(option.long ?? "").replace(/^--/, ""), option.negate ? value === false : value];
    }),
  );
}
