import type { Command } from "commander";
import { findMade } from "../../deploy/find-made.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import { planTeardown, type TornDown, teardown } from "../../deploy/teardown.js";
import { toNames } from "../../deploy/undo.js";
import { withAwsSession } from "./aws-session.js";
import { readFlags } from "./deploy-flags.js";
import { addEndpointPlace, readEndpointPlace } from "./endpoint-place.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

const usualTimeoutMinutes = 30;

/** Adds `stygig deploy teardown`. */
export function addDeployTeardownCommand(deploy: Command, env: Environment): void {
  const command = addEndpointPlace(deploy.command("teardown"));
  command
    .summary("take a deployment away, from any state, and nothing else")
    .description(
      "Scaling, alarms, dashboard, endpoint, configurations, models, in this order. Configurations and models only where\n" +
        "they carry our tag and no other endpoint is on them. Says what is left; a second run takes up where it ended.",
    )
    .option("--delete-logs", "the log group as well")
    .option("--timeout-minutes <minutes>", `how long the endpoint may take (default: ${usualTimeoutMinutes})`)
    .option("--dry-run", "look at what is there, and only print the calls")
    .option("--json", "print JSON")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const place = readEndpointPlace(flags, env, (reader) => ({
    deletesLogs: reader.isOn("delete-logs"),
    timeoutMs: reader.wholeNumber("timeout-minutes", usualTimeoutMinutes, { min: 1, max: 600 }) * 60_000,
  }));
  if ("problems" in place) return tellProblems(place.problems, exitCodes.usage);
  const { endpointName, region, deletesLogs, timeoutMs } = place.value;
  await withAwsSession({ region, env }, async (session) => {
    if (flags["dry-run"] === true) {
      const made = await findMade(session.send, endpointName);
      const calls = planTeardown(made, endpointName, deletesLogs);
      const text = calls.length === 0 ? "nothing of it is there" : calls.map(toLine).join("\n");
      return writeData(flags.json === true ? JSON.stringify({ calls, kept: made.foreign }, null, 2) : text);
    }
    const torn = await teardown(session, endpointName, { timeoutMs, deletesLogs });
    await writeData(flags.json === true ? JSON.stringify(torn, null, 2) : toSummary(torn));
    for (const { name, reason } of torn.kept) tell(`kept: ${name}: ${reason}`);
    if (torn.left.length > 0) process.exitCode = exitCodes.failed;
  });
}

const toLine = (call: PlannedCall) => `${call.service} ${call.operation} ${toNames(call)}`;

function toSummary({ deleted, left }: TornDown): string {
  if (deleted.length + left.length === 0) return "nothing of it is there";
  const rest = left.map(({ call, reason }) => `\nleft: ${toLine(call)}: ${reason}`);
  return `${deleted.length} things deleted, ${left.length} left${rest.join("")}`;
}
