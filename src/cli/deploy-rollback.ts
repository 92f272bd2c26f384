import type { Command } from "commander";
import { findFormerConfig, planRollback, rollBack } from "../../deploy/rollback.js";
import { withAwsSession } from "./aws-session.js";
import { readFlags } from "./deploy-flags.js";
import { addEndpointPlace, readEndpointPlace } from "./endpoint-place.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

const usualTimeoutMinutes = 60;

/** Adds `stygig deploy rollback`. */
export function addDeployRollbackCommand(deploy: Command, env: Environment): void {
  const command = addEndpointPlace(deploy.command("rollback"));
  command
    .summary("put an endpoint back on the configuration before")
    .description(
      "On the youngest configuration of this deployment that the endpoint is not on, all at once: with its model, image\n" +
        "and variables as they were. Instance counts and weights stay as they are now.",
    )
    .option("--to <configuration>", "another one, by its name")
    .option("--timeout-minutes <minutes>", `how long it may take (default: ${usualTimeoutMinutes})`)
    .option("--dry-run", "look at what is there, and only print the call")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const place = readEndpointPlace(flags, env, (reader) => ({
    to: reader.text("to") ?? null,
    timeoutMs: reader.wholeNumber("timeout-minutes", usualTimeoutMinutes, { min: 1, max: 600 }) * 60_000,
  }));
  if ("problems" in place) return tellProblems(place.problems, exitCodes.usage);
  const { endpointName, region, to, timeoutMs } = place.value;
  await withAwsSession({ region, env }, async (session) => {
    const found = await findFormerConfig(session.send, endpointName, to);
    if ("problems" in found) return tellProblems(found.problems, exitCodes.failed);
    const update = planRollback(endpointName, found.value);
    if (flags["dry-run"] === true) return writeData(JSON.stringify(update, null, 2));
    const { current, former } = found.value;
    tell(`${endpointName} goes from ${current} back to ${former}`);
    const ended = await rollBack(session, update, { timeoutMs });
    if ("failed" in ended) {
      const { reason, advice } = ended.failed;
      return tellProblems([advice === null ? reason : `${reason}; ${advice}`], exitCodes.failed);
    }
    await writeData(`${endpointName} is in service on ${ended.endpoint.configName}`);
  });
}
