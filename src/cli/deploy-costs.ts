import Table from "cli-table3";
import type { Command } from "commander";
import { type Costs, toCosts, type VariantCost } from "../../deploy/costs.js";
import { readCostsAfter } from "../../deploy/costs-after.js";
import { readEndpointState } from "../../deploy/endpoint-state.js";
import { hoursPerMonth } from "../../deploy/planner/costs.js";
import { withAwsSession } from "./aws-session.js";
import { readFlags } from "./deploy-flags.js";
import { addEndpointPlace, readEndpointPlace } from "./endpoint-place.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `stygig deploy costs`. */
export function addDeployCostsCommand(deploy: Command, env: Environment): void {
  const command = addEndpointPlace(deploy.command("costs"));
  command
    .summary("what an endpoint costs now")
    .description(
      "By the instances that run and dated prices, an hour and a month of 730 hours; what is not known is said to be so.\n" +
        "And what goes on costing when the endpoint is gone.",
    )
    .option("--json", "print JSON")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const place = readEndpointPlace(flags, env, () => ({}));
  if ("problems" in place) return tellProblems(place.problems, exitCodes.usage);
  const { endpointName, region } = place.value;
  await withAwsSession({ region, env }, async ({ send }) => {
    const state = await readEndpointState(send, endpointName);
    const after = await readCostsAfter(send, endpointName);
    const costs = state === null ? null : toCosts(state, region);
    if (flags.json === true) {
      await writeData(JSON.stringify({ endpointName, region, costs, afterTeardown: after }, null, 2));
    } else if (costs !== null) {
      await writeData(toText(costs));
    }
    for (const note of costs?.notes ?? []) tell(`note: ${note}`);
    for (const each of after) tell(`${costs === null ? "what may be left" : "after teardown"}: ${each}`);
    if (costs === null) tellProblems([`there is no endpoint ${endpointName} in ${region}`], exitCodes.failed);
  });
}

function toText({ variants, usdPerHour, usdPerMonth }: Costs): string {
  const table = new Table({
    head: ["variant", "what", "USD/hour", "USD/month", "scaling, USD/hour"],
    style: { head: [], border: [], compact: true },
  });
  for (const { variant, what, usdPerHour: each, scaledUsdPerHour } of variants) {
    const range = scaledUsdPerHour === null ? "-" : scaledUsdPerHour.map(toUsd).join(" to ");
    table.push([variant, what, toUsd(each), toMonth(each), range]);
  }
  const withUse = variants.some((each) => each.withUse !== null) ? ", and what comes with use" : "";
  return [
    table.toString(),
    ...variants.flatMap(toReasons),
    usdPerHour === null
      ? "all: unknown"
      : `all: ${toUsd(usdPerHour)} USD an hour, ${usdPerMonth!.toFixed(2)} USD a month of ${hoursPerMonth} hours${withUse}`,
  ].join("\n");
}

function toReasons({ variant, basis, withUse }: VariantCost): readonly string[] {
  return [`${variant}: ${basis}`, ...(withUse === null ? [] : [`${variant}, with use: ${withUse}`])];
}

/** Prices have up to four places. */
const toUsd = (usd: number | null) => (usd === null ? "unknown" : usd.toFixed(4));
const toMonth = (usd: number | null) => (usd === null ? "unknown" : (usd * hoursPerMonth).toFixed(2));
