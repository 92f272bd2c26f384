import type { Command } from "commander";
import { parseWeights, planShift, shift } from "../../deploy/shift.js";
import { withAwsSession } from "./aws-session.js";
import { changeEndpoint } from "./change-endpoint.js";
import { readFlags } from "./deploy-flags.js";
import { addEndpointPlace, readEndpointPlace } from "./endpoint-place.js";
import { exitCodes, tellProblems } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

const usualTimeoutMinutes = 30;

/** Adds `stygig deploy shift`. */
export function addDeployShiftCommand(deploy: Command, env: Environment): void {
  const command = addEndpointPlace(deploy.command("shift"));
  command
    .summary("move traffic between an endpoint's variants")
    .description(
      "Every variant of the endpoint gets a weight, by which traffic is divided; 0 is no traffic. Instance counts stay.\n" +
        "Waits until the endpoint is in service with these weights.",
    )
    .option("--weights <list>", "such as old=50,new=50")
    .option("--timeout-minutes <minutes>", `how long it may take (default: ${usualTimeoutMinutes})`)
    .option("--dry-run", "look at what is there, and only print the call")
    .option("--json", "print JSON")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const place = readEndpointPlace(flags, env, (reader) => ({
    weights: reader.required("weights", "such as old=50,new=50"),
    timeoutMs: reader.wholeNumber("timeout-minutes", usualTimeoutMinutes, { min: 1, max: 600 }) * 60_000,
  }));
  if ("problems" in place) return tellProblems(place.problems, exitCodes.usage);
  const { weights: text, ...rest } = place.value;
  const settings = { ...rest, isDryRun: flags["dry-run"] === true, json: flags.json === true };
  await withAwsSession({ region: rest.region, env }, (session) =>
    changeEndpoint(session, settings, {
      plan: (state) => parseWeights(text, state),
      toCall: (weights, state) => planShift(state, weights),
      act: (weights, state) => shift(session, state, { weights, timeoutMs: rest.timeoutMs }),
      notes: () => [],
    }),
  );
}
