import { type Command, Option } from "commander";

/** Adds the flags that say what is watched. */
export function addWatchFlags(command: Command): Command {
  return command
    .option("--endpoint-name <name>", "the endpoint")
    .addOption(repeated("--variant <name>", "one of its variants; may come several times (default: AllTraffic)"))
    .option("--mode <mode>", "sync, async or serverless (default: sync)")
    .option("--instance-type <type>", "what it runs on: CPU and GPU alarms begin at a share of its vCPUs and GPUs")
    .option("--vcpus <count>", "vCPUs of an instance type that we do not know")
    .option("--gpus <count>", "its GPUs")
    .option("--provisioned", "a serverless endpoint with provisioned concurrency")
    .option("--region <region>", "where (default: AWS_REGION)")
    .option("--error-percent <percent>", "failed requests (default: 1)")
    .option("--p99-ms <ms>", "p99 of the container (default: 300 on a GPU, 600 on CPUs)")
    .option("--memory-percent <percent>", "memory in use (default: 90)")
    .option("--oldest-request-s <seconds>", "async: how old a request may get (default: 900)")
    .option("--backlog-per-instance <count>", "async: how many may wait for an instance (default: 100)");
}

/** A flag that may come several times. */
export function repeated(flags: string, description: string): Option {
  const collect = (value: string, former: readonly string[] | undefined) => [...(former ?? []), value];
  return new Option(flags, description).argParser(collect);
}
