import { toFailureKind } from "./aws-failure.js";
import { detachScaling } from "./detach-scaling.js";
import type { PlannedCall } from "./planned-call.js";
import { untilAtRest } from "./undo.js";
import { describeEndpoint, type Endpoint, type WaitOutcome, type WaitParts, waitForEndpoint } from "./wait-endpoint.js";

type EndpointOptions = Readonly<{
  timeoutMs: number;
  /** Told what puts things back, before anything is changed. */
  keepUndo: (call: PlannedCall) => void;
}>;

/** What the planned CreateEndpoint came to. */
export type EndpointApplied =
  | Readonly<{ outcome: "made" | "changed" | "same"; endpoint: Endpoint }>
  | Readonly<{ failed: Readonly<{ kind: "rolled-back" | "failed"; reason: string; advice: string | null }> }>;

/**
 * Brings the endpoint into service on the planned configuration: makes it, updates it, or finds it so.
 * @throws the service's error
 */
export async function applyEndpoint(
  parts: WaitParts,
  { create, update }: Readonly<{ create: PlannedCall; update: PlannedCall }>,
  { timeoutMs, keepUndo }: EndpointOptions,
): Promise<EndpointApplied> {
  const [endpointName, configName] = [String(create.input.EndpointName), String(create.input.EndpointConfigName)];
  const wanted = { wantedConfigName: configName, timeoutMs };
  await untilAtRest(parts, endpointName, timeoutMs);
  const current = await describeEndpoint(parts.send, endpointName);
  if (current === null) {
    keepUndo({ service: "sagemaker", operation: "DeleteEndpoint", input: { EndpointName: endpointName } });
    await createOnceVisible(parts, create);
    return toApplied("made", await waitForEndpoint(parts, endpointName, wanted));
  }
  if (current.status === "Failed") return toFailed(current, `${endpointName} has failed before`);
  if (current.configName === configName && current.status === "InService")
    return { outcome: "same", endpoint: current };
  const ringing = await findRinging(parts.send, update);
  if (ringing !== null) {
    const reason = `the alarm ${ringing} is ringing already, and would end the update at once`;
    return { failed: { kind: "failed", reason, advice: logAdvice } };
  }
  await detachScaling(parts, { endpoint: current, endpointName, configName, keepUndo });
  keepUndo(toUpdateBack(update, current));
  try {
    await parts.send(update);
  } catch (error) {
    // Somebody else has just done the same.
    if (toFailureKind(error) !== "unchanged") throw error;
  }
  return toApplied("changed", await waitForEndpoint(parts, endpointName, wanted));
}

/** The update that takes the endpoint back to where it is now, at once. */
function toUpdateBack({ service, operation, input }: PlannedCall, { configName }: Endpoint): PlannedCall {
  const { EndpointName, RetainAllVariantProperties } = input;
  const retained = RetainAllVariantProperties === undefined ? {} : { RetainAllVariantProperties };
  return { service, operation, input: { EndpointName, EndpointConfigName: configName, ...retained } };
}

type RollbackAlarms = Readonly<{
  AutoRollbackConfiguration?: Readonly<{ Alarms?: readonly Readonly<{ AlarmName: string }>[] }>;
}>;

/** The first of the alarms that roll an update back that is in ALARM now. */
async function findRinging(send: WaitParts["send"], { input }: PlannedCall): Promise<string | null> {
  const alarms = (input.DeploymentConfig as RollbackAlarms | undefined)?.AutoRollbackConfiguration?.Alarms ?? [];
  if (alarms.length === 0) return null;
  const asked = { AlarmNames: alarms.map(({ AlarmName }) => AlarmName), StateValue: "ALARM" };
  const found = await send({ service: "cloudwatch", operation: "DescribeAlarms", input: asked });
  const [first] = (found.MetricAlarms ?? []) as readonly Readonly<{ AlarmName: string }>[];
  return first?.AlarmName ?? null;
}

const visibleAfterMs = 30_000;

/** A configuration that was made a moment ago may not be seen everywhere yet. */
async function createOnceVisible({ send, now, sleep }: WaitParts, call: PlannedCall): Promise<void> {
  const startedAt = now();
  for (;;) {
    try {
      await send(call);
      return;
    } catch (error) {
      const kind = toFailureKind(error);
      if (kind === "existing") return;
      if (kind !== "absent" || now() - startedAt >= visibleAfterMs) throw error;
      await sleep(2000);
    }
  }
}

function toApplied(outcome: "made" | "changed", waited: WaitOutcome): EndpointApplied {
  switch (waited.kind) {
    case "in-service":
      return { outcome, endpoint: waited.endpoint };
    case "rolled-back":
      return { failed: { kind: "rolled-back", reason: waited.reason, advice: logAdvice } };
    case "gone":
      return { failed: { kind: "failed", reason: "somebody deleted the endpoint meanwhile", advice: null } };
    case "timed-out":
      return { failed: { kind: "failed", reason: waited.reason, advice: "a longer --timeout-minutes waits longer" } };
    case "failed":
      return toFailed(waited.endpoint, "the endpoint failed");
  }
}

const logAdvice = "`stygig deploy logs` shows what the containers printed";

function toFailed({ failureReason }: Endpoint, otherwise: string): EndpointApplied {
  return { failed: { kind: "failed", reason: failureReason ?? otherwise, advice: logAdvice } };
}
