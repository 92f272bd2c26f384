import type { Parsed } from "../src/domain/parsed.js";
import { type EndpointState, readEndpointState } from "./endpoint-state.js";
import { untilAtRest } from "./undo.js";
import type { WaitParts } from "./wait-endpoint.js";

type Planning<Planned> = Readonly<{
  plan: (state: EndpointState) => Parsed<Planned>;
  /** Waits until the endpoint can be changed; otherwise plans by what is there now. */
  waits: boolean;
  timeoutMs: number;
}>;

/**
 * Plans a change by the endpoint as it is when it can be changed; null where there is none. What is wrong whatever happens
 * is said at once, without waiting for it. @throws the service's error
 */
export async function planChange<Planned>(
  parts: WaitParts,
  endpointName: string,
  { plan, waits, timeoutMs }: Planning<Planned>,
): Promise<Readonly<{ state: EndpointState; planned: Parsed<Planned> }> | null> {
  const state = await readEndpointState(parts.send, endpointName);
  if (state === null) return null;
  const planned = plan(state);
  // While the first variants are still being made, nothing can be said of them.
  const mayBecomeRight = state.variants.length === 0 || "value" in planned;
  if (!waits || state.status === "InService" || !mayBecomeRight) return { state, planned };
  await untilAtRest(parts, endpointName, timeoutMs);
  // Counts and weights may be others now.
  const rested = await readEndpointState(parts.send, endpointName);
  return rested === null ? null : { state: rested, planned: plan(rested) };
}
