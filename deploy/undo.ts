import { toFailureKind, toFailureLine } from "./aws-failure.js";
import type { PlannedCall } from "./planned-call.js";
import { describeEndpoint, type WaitParts, waitForEndpoint, waitUntilGone } from "./wait-endpoint.js";

/** A call that was to put something back, and why it did not. */
export type Left = Readonly<{ call: PlannedCall; reason: string }>;

/** What was put back, and what is left for a person. */
export type Undone = Readonly<{ undone: readonly PlannedCall[]; left: readonly Left[] }>;

/**
 * Sends the calls that put back what was there before, last first. One that fails does not keep the others from being
 * sent. What is gone already counts as put back.
 */
export async function undoAll(
  parts: WaitParts,
  undos: readonly PlannedCall[],
  { timeoutMs }: Readonly<{ timeoutMs: number }>,
): Promise<Undone> {
  const [undone, left]: [PlannedCall[], Left[]] = [[], []];
  for (const call of undos.toReversed()) {
    try {
      await undo(parts, call, timeoutMs);
      undone.push(call);
      parts.tell(`undo: ${call.operation} ${toNames(call)}`);
    } catch (error) {
      const reason = toFailureLine(error);
      left.push({ call, reason });
      parts.tell(`undo failed: ${call.operation} ${toNames(call)}: ${reason}`);
    }
  }
  return { undone, left };
}

/** The names in a call's input, as a person would say them. */
export function toNames({ input }: PlannedCall): string {
  const names = Object.entries(input).filter(
    ([name, value]) => /Name$|^ResourceId$/.test(name) && typeof value === "string",
  );
  const lists = Object.values(input).filter(
    (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
  );
  return [...names.map(([, value]) => value), ...lists.flat()].join(" ");
}

async function undo(parts: WaitParts, call: PlannedCall, timeoutMs: number): Promise<void> {
  const { send } = parts;
  const endpointName = String(call.input.EndpointName);
  const isOfEndpoint = call.operation === "DeleteEndpoint" || call.operation === "UpdateEndpoint";
  if (isOfEndpoint) await untilAtRest(parts, endpointName, timeoutMs);
  try {
    await send(call);
  } catch (error) {
    const kind = toFailureKind(error);
    if (kind !== "absent" && kind !== "unchanged") throw error;
    return;
  }
  if (call.operation === "DeleteEndpoint") {
    const reason = await waitUntilGone(parts, endpointName, timeoutMs);
    if (reason !== null) throw new Error(reason);
  }
  if (call.operation === "UpdateEndpoint") {
    const wantedConfigName = String(call.input.EndpointConfigName);
    const outcome = await waitForEndpoint(parts, endpointName, { wantedConfigName, timeoutMs });
    if (outcome.kind !== "in-service")
      throw new Error("reason" in outcome ? outcome.reason : `${endpointName} is gone`);
  }
}

const restless: ReadonlySet<string> = new Set(["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"]);

/** An endpoint that is being worked on takes neither an update nor a deletion. */
export async function untilAtRest(parts: WaitParts, endpointName: string, timeoutMs: number): Promise<void> {
  const endpoint = await describeEndpoint(parts.send, endpointName);
  if (endpoint === null || !restless.has(endpoint.status)) return;
  parts.tell(`${endpointName} is ${endpoint.status}; waiting until it can be changed`);
  await waitForEndpoint(parts, endpointName, { wantedConfigName: endpoint.configName, timeoutMs });
}
