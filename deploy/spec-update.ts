import { readLogRetention } from "./log-retention.js";
import type { FlagReader } from "./spec-flags.js";

/** How a new configuration takes the old one's place. `percent` is of the fleet: first, at a time, or replaced at a time. */
export type UpdatePolicy =
  | Readonly<{ kind: "all-at-once" }>
  | Readonly<{ kind: "canary" | "linear" | "rolling"; percent: number }>;

export type UpdateSpec = Readonly<{
  policy: UpdatePolicy;
  /** How long traffic is watched after each step, in seconds. */
  bakeS: number;
  /** How long the old fleet is kept after the last step, in seconds. */
  terminationWaitS: number;
  /** When the platform goes back by itself; null never. */
  rollback: RollbackLimits | null;
  logRetentionDays: number;
}>;

/** What the new fleet may not exceed: failed requests in percent of all; without `maxP99Ms` latency is not watched. */
export type RollbackLimits = Readonly<{ maxErrorPercent: number; maxP99Ms: number | null }>;

const kinds = ["all-at-once", "canary", "linear", "rolling"] as const;
const percents = {
  canary: { usual: 10, min: 1, max: 50 },
  linear: { usual: 25, min: 10, max: 50 },
  rolling: { usual: 25, min: 5, max: 50 },
} as const;
/** Two bad minutes of three, and two more until CloudWatch has them: in less time no alarm can fire. */
const alarmDelayS = 300;
/** V4's guide: p99 below 300 ms on a GPU and 600 on a CPU; its rollout goes back above 2 % errors. */
const usualP99Ms = { gpu: 300, cpu: 600 } as const;
const usualErrorPercent = 2;

type Place = Readonly<{ mode: "sync" | "async" | "serverless"; hasGpu: boolean }>;

/** How the endpoint is updated, and what of its old self is kept for how long. */
export function readUpdate(reader: FlagReader, { mode, hasGpu }: Place): UpdateSpec {
  const kind = reader.oneOf("strategy", "all-at-once", kinds);
  if (mode === "serverless" && kind !== "all-at-once") {
    reader.refuse(`--strategy ${kind} moves traffic between instances, and a serverless endpoint has none`);
  }
  const bakeS = reader.wholeNumber("bake-s", 600, { min: 0, max: 3600 });
  const rollback = readRollback(reader, { mode, hasGpu });
  if (rollback !== null && bakeS < alarmDelayS) {
    reader.refuse(`--bake-s must be at least ${alarmDelayS}: no alarm fires before; or give --no-rollback-alarms`);
  }
  if (kind === "rolling" && reader.isGiven("termination-wait-s")) {
    reader.refuse("--termination-wait-s keeps the old fleet at the end, and --strategy rolling has none left then");
  }
  const update = {
    policy: readPolicy(reader, kind),
    bakeS,
    terminationWaitS: reader.wholeNumber("termination-wait-s", 0, { min: 0, max: 3600 }),
    rollback,
    logRetentionDays: readLogRetention(reader),
  };
  const waitsS = toWaitsS(update);
  if (waitsS >= maxExecutionS) {
    reader.refuse(
      `--bake-s and --shift-percent: the waits alone take ${waitsS} s, the platform ends it at ${maxExecutionS}`,
    );
  }
  return update;
}

const maxExecutionS = 28_800;
/** From a request for instances to their first good ping: 5 to 12 minutes are seen on GPUs, and as much again. */
const provisionS = 1800;

/** When the platform gives up on an update, in seconds: more than its waits, and never more than it takes for an answer. */
export function toMaxExecutionS(update: UpdateSpec): number {
  const fleets = update.policy.kind === "rolling" ? stepsOf(update.policy) : 1;
  return Math.min(maxExecutionS, toWaitsS(update) + fleets * provisionS);
}

function toWaitsS({ policy, bakeS, terminationWaitS }: UpdateSpec): number {
  return stepsOf(policy) * bakeS + (policy.kind === "rolling" ? 0 : terminationWaitS);
}

function stepsOf(policy: UpdatePolicy): number {
  if (policy.kind === "all-at-once") return 1;
  return policy.kind === "canary" ? 2 : Math.ceil(100 / policy.percent);
}

function readPolicy(reader: FlagReader, kind: (typeof kinds)[number]): UpdatePolicy {
  if (kind === "all-at-once") {
    if (reader.isGiven("shift-percent")) reader.refuse("--shift-percent needs --strategy canary, linear or rolling");
    return { kind };
  }
  const { usual, min, max } = percents[kind];
  return { kind, percent: reader.wholeNumber("shift-percent", usual, { min, max }) };
}

/** Async answers are late by design, and serverless ones when cold: there only a limit that was asked for counts. */
function readRollback(reader: FlagReader, { mode, hasGpu }: Place): RollbackLimits | null {
  const maxErrorPercent = reader.rate("max-error-percent", 100) ?? usualErrorPercent;
  const usual = mode === "sync" ? usualP99Ms[hasGpu ? "gpu" : "cpu"] : null;
  const maxP99Ms = reader.rate("max-p99-ms", 3_600_000) ?? usual;
  if (reader.isOn("no-rollback-alarms")) {
    for (const flag of ["max-error-percent", "max-p99-ms"].filter(reader.isGiven)) {
      reader.refuse(`--${flag} is the limit of an alarm, and --no-rollback-alarms leaves them out`);
    }
    return null;
  }
  return { maxErrorPercent, maxP99Ms };
}
