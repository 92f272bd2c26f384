import { toFailureKind, toFailureLine } from "./aws-failure.js";
import { findMade, type Made } from "./find-made.js";
import type { PlannedCall, ServiceName } from "./planned-call.js";
import { type Left, toNames, untilAtRest } from "./undo.js";
import { type WaitParts, waitUntilGone } from "./wait-endpoint.js";

export type TeardownOptions = Readonly<{
  timeoutMs: number;
  /** Deletes what the containers printed, too. */
  deletesLogs: boolean;
}>;

export type TornDown = Readonly<{
  deleted: readonly PlannedCall[];
  left: readonly Left[];
  /** What was not touched, each with the reason. */
  kept: readonly Readonly<{ name: string; reason: string }>[];
}>;

/** The calls that take a deployment away, in the order that leaves nothing without its owner. */
export function planTeardown(made: Made, endpointName: string, deletesLogs: boolean): readonly PlannedCall[] {
  const call = (service: ServiceName, operation: string, input: PlannedCall["input"]) => ({
    service,
    operation,
    input,
  });
  return [
    ...made.targets.map((ResourceId) =>
      call("application-auto-scaling", "DeregisterScalableTarget", {
        ...{ ServiceNamespace: "sagemaker", ResourceId },
        ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
      }),
    ),
    // One alarm that is gone meanwhile would keep the others of the same call.
    ...made.alarms.map((name) => call("cloudwatch", "DeleteAlarms", { AlarmNames: [name] })),
    ...made.dashboards.map((name) => call("cloudwatch", "DeleteDashboards", { DashboardNames: [name] })),
    ...(made.endpoint === null ? [] : [call("sagemaker", "DeleteEndpoint", { EndpointName: endpointName })]),
    ...made.configs.map((name) => call("sagemaker", "DeleteEndpointConfig", { EndpointConfigName: name })),
    ...made.models.map((name) => call("sagemaker", "DeleteModel", { ModelName: name })),
    ...(deletesLogs ? made.logGroups.map((logGroupName) => call("logs", "DeleteLogGroup", { logGroupName })) : []),
  ];
}

/**
 * Takes away whatever is there of a deployment, from any state it may be in. A call that fails leaves its object and those
 * that it needs, and the rest goes on. Twice is the same as once.
 * @throws the service's error while it looks for what is there
 */
export async function teardown(parts: WaitParts, endpointName: string, options: TeardownOptions): Promise<TornDown> {
  const { send, tell } = parts;
  const made = await findMade(send, endpointName);
  const [deleted, left]: [PlannedCall[], Left[]] = [[], []];
  for (const call of planTeardown(made, endpointName, options.deletesLogs)) {
    const reason = await take(parts, call, { endpointName, left, timeoutMs: options.timeoutMs });
    if (reason === null) deleted.push(call);
    else left.push({ call, reason });
    tell(
      `${reason === null ? "done" : "left"}: ${call.operation} ${toNames(call)}${reason === null ? "" : `: ${reason}`}`,
    );
  }
  const logs = options.deletesLogs ? [] : made.logGroups;
  const kept = [...made.foreign, ...logs.map((name) => ({ name, reason: "what the containers printed" }))];
  return { deleted, left, kept };
}

type Taking = Readonly<{ endpointName: string; left: readonly Left[]; timeoutMs: number }>;

/** Null when it is gone, else why it is not. */
async function take(
  parts: WaitParts,
  call: PlannedCall,
  { endpointName, left, timeoutMs }: Taking,
): Promise<string | null> {
  const keepers = keptAlive[call.operation] ?? [];
  const keeper = left.find((each) => keepers.includes(each.call.operation));
  if (keeper !== undefined) return `${toNames(keeper.call)} still needs it`;
  const isEndpoint = call.operation === "DeleteEndpoint";
  try {
    if (isEndpoint) await untilAtRest(parts, endpointName, timeoutMs);
    await parts.send(call);
    return isEndpoint ? await waitUntilGone(parts, endpointName, timeoutMs) : null;
  } catch (error) {
    return toFailureKind(error) === "absent" ? null : toFailureLine(error);
  }
}

/** What must stay while something else could not be deleted. */
const keptAlive: Readonly<Record<string, readonly string[]>> = {
  DeleteEndpointConfig: ["DeleteEndpoint"],
  DeleteModel: ["DeleteEndpoint", "DeleteEndpointConfig"],
};
