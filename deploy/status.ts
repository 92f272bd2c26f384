import { type EndpointState, readEndpointState } from "./endpoint-state.js";
import { toAlarmName } from "./names.js";
import type { SendCall } from "./planned-call.js";
import { type Reading, readGauges, type Window } from "./read-gauges.js";
import { planGauges } from "./status-gauges.js";

/** One of our alarms on an endpoint. */
export type AlarmState = Readonly<{
  name: string;
  state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  /** CloudWatch's own words. */
  reason: string;
  /** ISO 8601; null where it is not told. */
  since: string | null;
  /** It is there to set scaling to work: its ALARM is no trouble. */
  isForScaling: boolean;
}>;

export type Status = Readonly<{
  endpoint: EndpointState;
  alarms: readonly AlarmState[];
  readings: readonly Reading[];
  /** Why readings may be missing. */
  problems: readonly string[];
  /** What keeps the endpoint from being well, in a line; null where it is. */
  trouble: string | null;
}>;

type Answer = Readonly<Record<string, unknown>>;

/** How an endpoint is doing, or null where there is none. @throws the service's error */
export async function readStatus(send: SendCall, endpointName: string, window: Window): Promise<Status | null> {
  const endpoint = await readEndpointState(send, endpointName);
  if (endpoint === null) return null;
  const alarms = await readAlarms(send, endpointName);
  const read = await readGauges(send, planGauges(endpoint), window);
  return { endpoint, alarms, ...read, trouble: findTrouble(endpoint, alarms) };
}

async function readAlarms(send: SendCall, endpointName: string): Promise<readonly AlarmState[]> {
  const alarms: AlarmState[] = [];
  let NextToken: unknown;
  do {
    const input = { AlarmNamePrefix: toAlarmName(endpointName, ""), AlarmTypes: ["MetricAlarm"], NextToken };
    const page = await send({ service: "cloudwatch", operation: "DescribeAlarms", input });
    alarms.push(...((page.MetricAlarms ?? []) as readonly Answer[]).map(toAlarmState));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return alarms;
}

function toAlarmState({ AlarmName, StateValue, StateReason, StateUpdatedTimestamp: updated }: Answer): AlarmState {
  const name = String(AlarmName);
  return {
    name,
    state: StateValue as AlarmState["state"],
    reason: String(StateReason ?? "").replace(/\s*\n\s*/g, " "),
    since: updated instanceof Date ? updated.toISOString() : null,
    isForScaling: /\/(scale-up|scale-down|wake-up)$/.test(name),
  };
}

/** Whether an alarm tells of trouble now. */
function isRinging({ state, isForScaling }: AlarmState): boolean {
  return state === "ALARM" && !isForScaling;
}

function findTrouble({ name, status, failureReason }: EndpointState, alarms: readonly AlarmState[]): string | null {
  const because = failureReason === null ? "" : `: ${failureReason.replace(/\s*\n\s*/g, " ")}`;
  if (status !== "InService") return `${name} is ${status}${because}`;
  const ringing = alarms.filter(isRinging).map((alarm) => alarm.name);
  if (ringing.length === 0) return null;
  return `${ringing.length === 1 ? "an alarm is" : `${ringing.length} alarms are`} ringing: ${ringing.join(", ")}`;
}
