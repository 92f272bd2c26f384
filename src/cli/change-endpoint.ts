import type { EndpointState } from "../../deploy/endpoint-state.js";
import { planChange } from "../../deploy/plan-change.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import type { VariantsOutcome } from "../../deploy/wait-variants.js";
import type { Parsed } from "../domain/parsed.js";
import type { AwsSession } from "./aws-session.js";
import type { EndpointPlace } from "./endpoint-place.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { toVariantTable } from "./variant-table.js";

/** A change of the variants of an endpoint that is in service. */
export type Change<Planned> = Readonly<{
  plan: (state: EndpointState) => Parsed<Planned>;
  toCall: (planned: Planned, state: EndpointState) => PlannedCall;
  /** Makes it, and waits for it. */
  act: (planned: Planned, state: EndpointState) => Promise<VariantsOutcome>;
  notes: (planned: Planned) => readonly string[];
}>;

type Settings = EndpointPlace & Readonly<{ timeoutMs: number; isDryRun: boolean; json: boolean }>;

/**
 * Looks at the endpoint, plans the change by what is there, waits until it can be made, makes it and shows the variants.
 * With `isDryRun` it only looks, and prints the call.
 */
export async function changeEndpoint<Planned>(
  session: AwsSession,
  { endpointName, region, timeoutMs, isDryRun, json }: Settings,
  change: Change<Planned>,
): Promise<void> {
  const found = await planChange(session, endpointName, { plan: change.plan, waits: !isDryRun, timeoutMs });
  if (found === null) return tellProblems([`there is no endpoint ${endpointName} in ${region}`], exitCodes.failed);
  const { state, planned } = found;
  if ("problems" in planned) return tellProblems(planned.problems, exitCodes.usage);
  for (const note of change.notes(planned.value)) tell(`note: ${note}`);
  if (isDryRun) return writeData(JSON.stringify(change.toCall(planned.value, state), null, json ? 2 : 0));
  if (state.status !== "InService") {
    return tellProblems([`${endpointName} is ${state.status}, and can only be changed in service`], exitCodes.failed);
  }
  const outcome = await change.act(planned.value, state);
  const { variants } = outcome.state ?? { variants: [] };
  await writeData(json ? JSON.stringify({ endpointName, region, ...outcome }, null, 2) : toVariantTable({ variants }));
  if (outcome.kind === "missed") tellProblems([outcome.reason], exitCodes.failed);
}
