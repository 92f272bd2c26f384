import { toFailureLine } from "./aws-failure.js";
import { type EndpointState, readEndpointState } from "./endpoint-state.js";
import { look } from "./look.js";
import type { WaitParts } from "./wait-endpoint.js";

/** How waiting for counts or weights ended; `state` is the last that was seen, null where nothing is left of it. */
export type VariantsOutcome =
  | Readonly<{ kind: "reached"; state: EndpointState }>
  | Readonly<{ kind: "missed"; state: EndpointState | null; reason: string }>;

type Waiting = Readonly<{
  isReached: (state: EndpointState) => boolean;
  /** What is wanted, for a person: `2 instances`. */
  wanted: string;
  /** How long it may be in service as it was before that counts as the end: a minute where AWS itself makes the change. */
  settleMs?: number;
  timeoutMs: number;
}>;

const firstPauseMs = 5_000;
const longestPauseMs = 30_000;
/** A look right after a change may still show the state before it. */
const usualSettleMs = 60_000;
const lost: ReadonlySet<string> = new Set(["Failed", "OutOfService", "UpdateRollbackFailed"]);

/**
 * Waits until the endpoint is in service with the counts or weights that are wanted. A look that fails for a moment is told
 * and tried again. @throws the error of a look that will go on failing, and of the last one when none came back in time
 */
export async function waitForVariants(
  { send, now, sleep, tell }: WaitParts,
  endpointName: string,
  { isReached, wanted, timeoutMs, settleMs = usualSettleMs }: Waiting,
): Promise<VariantsOutcome> {
  const startedAt = now();
  let [shown, pauseMs] = ["", firstPauseMs];
  let state: EndpointState | null = null;
  for (;;) {
    const looked = await look(() => readEndpointState(send, endpointName));
    const waitedMs = now() - startedAt;
    if ("error" in looked) {
      if (waitedMs >= timeoutMs && state === null) throw looked.error;
      tell(`the endpoint cannot be seen right now: ${toFailureLine(looked.error)}`);
    } else {
      state = looked.found;
      if (state === null) return { kind: "missed", state, reason: "somebody deleted the endpoint meanwhile" };
      if (state.status !== shown) tell(`${endpointName} is ${state.status}`);
      shown = state.status;
      if (shown === "InService" && isReached(state)) return { kind: "reached", state };
      if (lost.has(shown)) return missed(state, `the endpoint is ${shown}`);
      if (shown === "InService" && waitedMs >= settleMs) return missed(state, `in service, but not with ${wanted}`);
    }
    if (waitedMs >= timeoutMs) {
      return { kind: "missed", state, reason: `still ${shown} after ${Math.round(waitedMs / 60_000)} minutes` };
    }
    await sleep(Math.min(pauseMs, timeoutMs - waitedMs));
    pauseMs = Math.min(longestPauseMs, pauseMs * 1.5);
  }
}

function missed(state: EndpointState, otherwise: string): VariantsOutcome {
  const reason = state.failureReason === null ? otherwise : `${otherwise}: ${state.failureReason}`;
  return { kind: "missed", state, reason: reason.replace(/\s*\n\s*/g, " ") };
}
