import type { PlannedCall } from "../planned-call.js";
import { type Dimensions, type Metric, namespaces, toAlarmCall } from "./alarm-call.js";

/** A new fleet: the alarms watch what runs by this configuration, and not the fleet beside it that it replaces. */
export type NewFleet = Readonly<{
  endpointName: string;
  configName: string;
  variants: readonly string[];
  /** Most ms that 99 of 100 requests may take in the container. */
  p99Ms: number;
  topicArn: string | null;
}>;

/** What an auto-rollback may name, by the service's model. */
const maxRollbackAlarms = 10;
/** As V4's rollout plan has it: back above 2 % of failed requests. */
const maxErrorShare = 0.02;
const microsecondsPerMs = 1000;

/**
 * The alarms that undo an update: failed requests, then latency, of each variant; where that is more than a rollback may
 * name, failed requests alone. Each configuration has alarms of its own: one that is still red from the last
 * update would undo this one at once.
 */
export function planRollbackAlarms(fleet: NewFleet): readonly PlannedCall[] {
  const errors = fleet.variants.map((variant) => planErrors(fleet, variant));
  const latencies = fleet.variants.map((variant) => planLatency(fleet, variant));
  const all = [...errors, ...latencies];
  return all.length > maxRollbackAlarms ? errors : all;
}

/** The names of alarms, as an auto-rollback lists them. */
export function toRollbackConfiguration(alarms: readonly PlannedCall[]) {
  return { Alarms: alarms.map(({ input }) => ({ AlarmName: input.AlarmName as string })) };
}

function planErrors(fleet: NewFleet, variant: string): PlannedCall {
  return planAlarm(fleet, `${variant}/rollback-errors/${fleet.configName}`, {
    description: `More than ${maxErrorShare * 100} % of the new fleet's requests end with a 5xx. Undoes the update.`,
    watched: metricOf(fleet, variant, { name: "Invocation5XXErrors", statistic: "Average" }),
    threshold: maxErrorShare,
  });
}

function planLatency(fleet: NewFleet, variant: string): PlannedCall {
  return planAlarm(fleet, `${variant}/rollback-latency/${fleet.configName}`, {
    description: `The new fleet's p99 is above ${fleet.p99Ms} ms (ModelLatency is in microseconds). Undoes the update.`,
    watched: metricOf(fleet, variant, { name: "ModelLatency", statistic: "p99" }),
    threshold: fleet.p99Ms * microsecondsPerMs,
  });
}

function metricOf(fleet: NewFleet, variant: string, metric: Pick<Metric, "name" | "statistic">): Metric {
  const { endpointName, configName } = fleet;
  const dimensions: Dimensions = {
    EndpointName: endpointName,
    VariantName: variant,
    EndpointConfigName: configName,
  };
  return { namespace: namespaces.requests, dimensions, ...metric };
}

type Limit = Readonly<{ description: string; watched: Metric; threshold: number }>;

function planAlarm({ endpointName, topicArn }: NewFleet, purpose: string, limit: Limit): PlannedCall {
  return toAlarmCall({
    endpointName,
    purpose,
    ...limit,
    comparison: ">",
    // Shorter than any baking time of use, and more than one bad minute: a single failed request is no reason.
    minutes: [2, 3],
    // Before traffic moves over the new fleet has no requests, which is no fault of it.
    missing: "notBreaching",
    actions: topicArn === null ? [] : [topicArn],
    okActions: [],
  });
}
