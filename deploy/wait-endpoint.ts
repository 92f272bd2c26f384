import { orAbsent, toFailureLine } from "./aws-failure.js";
import { look } from "./look.js";
import type { SendCall } from "./planned-call.js";

export type WaitParts = Readonly<{
  send: SendCall;
  /** Monotonic, in ms. */
  now: () => number;
  /** Resolves after so many ms. @throws the reason of whoever cuts it short */
  sleep: (milliseconds: number) => Promise<void>;
  /** Told of every change, one line each. */
  tell: (line: string) => void;
}>;

export type Endpoint = Readonly<{
  status: string;
  configName: string;
  failureReason: string | null;
  arn: string;
  variants: readonly string[];
}>;

/** How waiting for an endpoint ended. Only `in-service` means that the wanted configuration serves. */
export type WaitOutcome =
  | Readonly<{ kind: "in-service"; endpoint: Endpoint }>
  | Readonly<{ kind: "rolled-back"; endpoint: Endpoint; reason: string }>
  | Readonly<{ kind: "failed"; endpoint: Endpoint; reason: string }>
  | Readonly<{ kind: "gone" }>
  | Readonly<{ kind: "timed-out"; endpoint: Endpoint; reason: string }>;

const firstPauseMs = 5_000;
const longestPauseMs = 30_000;
/** A look right after an update may still show the state before it. */
const settleMs = 60_000;
/** An instance usually writes its first line within this; without a log stream something else is wrong. */
const hintAfterMs = 10 * 60_000;

/** The endpoint as it is, or null where there is none. */
export async function describeEndpoint(send: SendCall, endpointName: string): Promise<Endpoint | null> {
  const input = { EndpointName: endpointName };
  const found = await orAbsent(send({ service: "sagemaker", operation: "DescribeEndpoint", input }));
  if (found === null) return null;
  return toEndpoint(found);
}

/** What DescribeEndpoint answered. */
export function toEndpoint(found: Readonly<Record<string, unknown>>): Endpoint {
  const variants = (found.ProductionVariants ?? []) as readonly Readonly<{ VariantName: string }>[];
  return {
    status: String(found.EndpointStatus),
    // While the first configuration is still being set up, there is none in use.
    configName: String(found.EndpointConfigName ?? ""),
    failureReason: typeof found.FailureReason === "string" ? found.FailureReason : null,
    arn: String(found.EndpointArn),
    variants: variants.map(({ VariantName }) => VariantName),
  };
}

/**
 * Waits until the endpoint rests. A rollback ends in service, too, on the configuration from before: what is in service is
 * compared with what was wanted. Looks every 5 to 30 seconds; a look that fails for a moment is told and tried again.
 * @throws the error of a look that will go on failing, and of the last one when none came back within `timeoutMs`
 */
export async function waitForEndpoint(
  { send, now, sleep, tell }: WaitParts,
  endpointName: string,
  { wantedConfigName, timeoutMs }: Readonly<{ wantedConfigName: string; timeoutMs: number }>,
): Promise<WaitOutcome> {
  const startedAt = now();
  let [shown, pauseMs, hasHinted, hasMoved] = ["", firstPauseMs, false, false];
  let last: Endpoint | null = null;
  for (;;) {
    const looked = await look(() => describeEndpoint(send, endpointName));
    if ("error" in looked) {
      if (now() - startedAt >= timeoutMs && last === null) throw looked.error;
      tell(`the endpoint cannot be seen right now: ${toFailureLine(looked.error)}`);
    } else {
      const { found: endpoint } = looked;
      if (endpoint === null) return { kind: "gone" };
      last = endpoint;
      if (endpoint.status !== "InService") hasMoved = true;
      if (endpoint.status !== shown) tell(`${endpointName} is ${endpoint.status}${reasonAfter(endpoint)}`);
      shown = endpoint.status;
      const outcome = toOutcome(endpoint, wantedConfigName, hasMoved || now() - startedAt >= settleMs);
      if (outcome !== null) return outcome;
    }
    const waitedMs = now() - startedAt;
    if (waitedMs >= timeoutMs && last !== null) {
      const reason = `still ${last.status} after ${Math.round(waitedMs / 60_000)} minutes`;
      return { kind: "timed-out", endpoint: last, reason };
    }
    if (shown === "Creating" && waitedMs >= hintAfterMs && !hasHinted) {
      hasHinted = true;
      tell(stuckHint);
    }
    await sleep(Math.min(pauseMs, Math.max(1, timeoutMs - waitedMs)));
    pauseMs = Math.min(longestPauseMs, pauseMs * 1.5);
  }
}

/**
 * Waits until there is no endpoint of this name. Null when it is gone, else what it still is.
 * @throws the error of a look that will go on failing
 */
export async function waitUntilGone(
  { send, now, sleep, tell }: WaitParts,
  endpointName: string,
  timeoutMs: number,
): Promise<string | null> {
  const startedAt = now();
  let shown = "";
  for (;;) {
    const looked = await look(() => describeEndpoint(send, endpointName));
    if ("error" in looked) tell(`the endpoint cannot be seen right now: ${toFailureLine(looked.error)}`);
    else if (looked.found === null) return null;
    else if (looked.found.status !== shown) {
      shown = looked.found.status;
      tell(`${endpointName} is ${shown}`);
    }
    const waitedMs = now() - startedAt;
    if (waitedMs >= timeoutMs) return `still ${shown || "unseen"} after ${Math.round(waitedMs / 60_000)} minutes`;
    await sleep(Math.min(firstPauseMs, timeoutMs - waitedMs));
  }
}

const stuckHint =
  "this takes long; without a log stream under /aws/sagemaker/Endpoints look at: capacity and quota of the instance type, " +
  "the role's rights on logs and ECR, the image's platform and manifest type, the AMI's driver";

function toOutcome(endpoint: Endpoint, wantedConfigName: string, isSettled: boolean): WaitOutcome | null {
  const { status, configName, failureReason } = endpoint;
  switch (status) {
    case "InService":
      if (configName === wantedConfigName) return { kind: "in-service", endpoint };
      if (!isSettled) return null;
      return { kind: "rolled-back", endpoint, reason: failureReason ?? `${configName} is in service instead` };
    case "Failed":
    case "OutOfService":
    case "UpdateRollbackFailed":
      return { kind: "failed", endpoint, reason: failureReason ?? `the endpoint is ${status}` };
    default:
      return null;
  }
}

function reasonAfter({ failureReason }: Endpoint): string {
  return failureReason === null ? "" : `: ${failureReason.replace(/\s*\n\s*/g, " ")}`;
}
