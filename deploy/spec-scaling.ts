import { isBurstable } from "./instance-family.js";
import type { FlagReader } from "./spec-flags.js";
import type { HostSpec } from "./spec-hosts.js";

type Limits = Readonly<{ minInstances: number; maxInstances: number }>;

/** By requests: `invocationsPerMinute` is what one instance is to have on average. */
export type SyncScaling = Limits & Readonly<{ requestsPerSecond: number; invocationsPerMinute: number }>;

/** By backlog: `backlogPerInstance` requests may wait for each instance. With none at the least it scales to zero. */
export type AsyncScaling = Limits & Readonly<{ backlogPerInstance: number }>;

/** Half of what an instance bears, so that the others can carry it through the minutes until the next one serves. */
const safetyShare = 0.5;
/** The developer guide's own example for async endpoints. */
const usualBacklogPerInstance = 5;
/** An update needs twice the instances anyway, and so does the quota. */
const usualGrowth = 2;
const maxInstances = 1000;

/** Null where no rate of an instance is known: a target out of thin air scales too late or for nothing. */
export function readSyncScaling(reader: FlagReader, hosts: HostSpec): SyncScaling | null {
  const rate = reader.rate("rps-per-instance", 100_000) ?? hosts.choice?.requestsPerSecond ?? null;
  if (rate === null) {
    for (const flag of ["min-instances", "max-instances"].filter(reader.isGiven)) {
      reader.refuse(`--${flag} needs --rps-per-instance, what one instance bears as \`stygig loadtest\` measures it`);
    }
    return null;
  }
  const limits = readLimits(reader, hosts, { usualMin: hosts.instanceCount, least: 1 });
  const invocationsPerMinute = Math.max(1, Math.round(rate * safetyShare * 60));
  return { ...limits, requestsPerSecond: rate, invocationsPerMinute };
}

/** From zero to twice the instances where nothing else is said. */
export function readAsyncScaling(reader: FlagReader, hosts: HostSpec): AsyncScaling {
  const limits = readLimits(reader, hosts, { usualMin: 0, least: 0 });
  const backlogPerInstance = reader.wholeNumber("backlog-per-instance", usualBacklogPerInstance, {
    min: 1,
    max: 100_000,
  });
  return { ...limits, backlogPerInstance };
}

function readLimits(
  reader: FlagReader,
  { instanceType, instanceCount }: HostSpec,
  { usualMin, least }: Readonly<{ usualMin: number; least: number }>,
): Limits {
  const minInstances = reader.wholeNumber("min-instances", usualMin, { min: least, max: maxInstances });
  const usualMax = Math.max(usualGrowth * instanceCount, minInstances);
  const most = reader.wholeNumber("max-instances", usualMax, { min: 1, max: maxInstances });
  if (minInstances > most) reader.refuse(`--min-instances, ${minInstances}, must not exceed --max-instances, ${most}`);
  if (instanceCount > most || instanceCount < minInstances) {
    reader.refuse(`--instance-count, ${instanceCount}, must lie between --min-instances and --max-instances`);
  }
  if (isBurstable(instanceType)) reader.refuse(`--instance-type ${instanceType} is burstable and cannot be scaled`);
  return { minInstances, maxInstances: most };
}
