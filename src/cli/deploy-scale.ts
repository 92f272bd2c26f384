import type { Command } from "commander";
import { planScale, scale, type WantedSize } from "../../deploy/scale.js";
import type { FlagReader } from "../../deploy/spec-flags.js";
import { withAwsSession } from "./aws-session.js";
import { changeEndpoint } from "./change-endpoint.js";
import { readFlags } from "./deploy-flags.js";
import { addEndpointPlace, readEndpointPlace } from "./endpoint-place.js";
import { exitCodes, tellProblems } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

const usualTimeoutMinutes = 30;
/** Far above any quota; the service has its own. */
const mostInstances = 10_000;

/** Adds `stygig deploy scale`. */
export function addDeployScaleCommand(deploy: Command, env: Environment): void {
  const command = addEndpointPlace(deploy.command("scale"));
  command
    .summary("set an endpoint's instances, or the bounds of its automatic scaling")
    .description(
      "--min and --max set the bounds between which policies move the count; --count sets it at once, within the bounds.\n" +
        "Waits until the endpoint is in service with this size.",
    )
    .option("--min <count>", "the least; 0 for async endpoints alone")
    .option("--max <count>", "the most")
    .option("--count <count>", "instances from now on")
    .option("--variant <name>", "which one, where there are several")
    .option("--timeout-minutes <minutes>", `how long it may take (default: ${usualTimeoutMinutes})`)
    .option("--dry-run", "look at what is there, and only print the call")
    .option("--json", "print JSON")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const place = readEndpointPlace(flags, env, (reader) => ({
    wanted: readWantedSize(reader),
    variant: reader.text("variant") ?? null,
    timeoutMs: reader.wholeNumber("timeout-minutes", usualTimeoutMinutes, { min: 1, max: 600 }) * 60_000,
  }));
  if ("problems" in place) return tellProblems(place.problems, exitCodes.usage);
  const { wanted, variant, ...rest } = place.value;
  const settings = { ...rest, isDryRun: flags["dry-run"] === true, json: flags.json === true };
  const { endpointName, timeoutMs } = rest;
  await withAwsSession({ region: rest.region, env }, (session) =>
    changeEndpoint(session, settings, {
      plan: (state) => planScale(state, wanted, variant),
      toCall: ({ call }) => call,
      act: (planned) => scale(session, planned, { endpointName, timeoutMs }),
      notes: ({ notes }) => notes,
    }),
  );
}

function readWantedSize(reader: FlagReader): WantedSize {
  const [hasMin, hasMax, hasCount] = ["min", "max", "count"].map(reader.isGiven);
  const count = (name: string, min = 0) => reader.wholeNumber(name, min, { min, max: mostInstances });
  if (hasCount) {
    if (hasMin || hasMax) reader.refuse("--count does not go with --min and --max");
    return { count: count("count") };
  }
  if (!hasMin || !hasMax) reader.refuse("give --min and --max, or --count");
  return { min: count("min"), max: count("max", 1) };
}
