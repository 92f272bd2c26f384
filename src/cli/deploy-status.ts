import type { Command } from "commander";
import { readStatus, type Status } from "../../deploy/status.js";
import { epochMs } from "../serving/clock.js";
import { withAwsSession } from "./aws-session.js";
import { readFlags } from "./deploy-flags.js";
import { toStatusText } from "./deploy-status-text.js";
import { addEndpointPlace, type EndpointPlace, readEndpointPlace } from "./endpoint-place.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

const usualWindowMinutes = 15;

/** Adds `stygig deploy status`. */
export function addDeployStatusCommand(deploy: Command, env: Environment): void {
  const command = addEndpointPlace(deploy.command("status"));
  command
    .summary("how an endpoint is doing")
    .description(
      "Its status, variants, scaling and alarms, and from CloudWatch its requests, failures, latency, machines and queue.\n" +
        "Exit 0 when it is in service and no alarm rings, otherwise 1.",
    )
    .option("--window-minutes <minutes>", `how far back, 1 to 1440 (default: ${usualWindowMinutes})`)
    .option("--json", "print JSON")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const place = readEndpointPlace(flags, env, (reader) => ({
    windowMinutes: reader.wholeNumber("window-minutes", usualWindowMinutes, { min: 1, max: 1440 }),
  }));
  if ("problems" in place) return tellProblems(place.problems, exitCodes.usage);
  const { endpointName, region, windowMinutes } = place.value;
  await withAwsSession({ region, env }, async ({ send }) => {
    const status = await readStatus(send, endpointName, { epochMs: epochMs(), windowMinutes });
    const trouble = status === null ? `there is no endpoint ${endpointName} in ${region}` : status.trouble;
    if (flags.json === true) await writeData(JSON.stringify(toJson(place.value, status, trouble), null, 2));
    else if (status !== null) await writeData(toStatusText(status, windowMinutes));
    for (const problem of status?.problems ?? []) tell(`note: ${problem}`);
    if (status?.endpoint.isConfigGone) {
      tell("note: its configuration is deleted: the platform can neither patch nor scale it; deploy again");
    }
    if (trouble !== null) tellProblems([trouble], exitCodes.failed);
  });
}

type Place = EndpointPlace & Readonly<{ windowMinutes: number }>;

function toJson({ endpointName, region, windowMinutes }: Place, status: Status | null, trouble: string | null) {
  const metrics = status?.readings.map(({ gauge: { variant, label, unit, metric }, value }) => ({
    ...{ variant, label, value, unit, metric: metric.name, statistic: metric.statistic },
  }));
  return {
    ...{ endpointName, region, windowMinutes, trouble },
    endpoint: status?.endpoint ?? null,
    alarms: status?.alarms ?? [],
    metrics: metrics ?? [],
    problems: status?.problems ?? [],
  };
}
