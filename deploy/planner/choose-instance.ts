import type { Demand } from "./demand.js";
import type { Measurement } from "./measurement.js";
import { planDemand } from "./plan.js";
import { shippedMeasurements } from "./shipped-measurements.js";

/** What `--instance-type auto` stands for. */
export type InstanceChoice = Readonly<{
  instanceType: string;
  instanceCount: number;
  /** What one instance bears. */
  requestsPerSecond: number;
  basis: Measurement["kind"];
  /** One sentence. */
  reason: string;
  warnings: readonly string[];
}>;

/** A choice; or one sentence why there is none, and what `--force` would take: over the budget, by
 * prices of us-east-1, or short of the target, the first of these that there is. */
export type ChosenInstance =
  | Readonly<{ choice: InstanceChoice }>
  | Readonly<{ refusal: string; nearest: InstanceChoice | null }>;

/** A demand of a mode that has instances. */
export type InstanceDemand = Demand & Readonly<{ mode: "auto" | "sync" | "async" | "batch" }>;

/** The cheapest instances that hold a demand's target within its budget. Pure: the same demand, the same choice. */
export function chooseInstance(
  demand: InstanceDemand,
  measurements: readonly Measurement[] = shippedMeasurements,
): ChosenInstance {
  const choice = choiceOf(demand, measurements);
  if (choice !== null) return { choice };
  const refusal = planDemand(demand, measurements).reason;
  const anyBudget: InstanceDemand = { ...demand, budgetUsd: null };
  const anywhere: InstanceDemand = { ...anyBudget, region: "us-east-1" };
  // The target is given up last.
  const nearest =
    choiceOf(anyBudget, measurements) ??
    choiceOf(anywhere, measurements) ??
    choiceOf({ ...anywhere, p95Ms: anywhere.p95Ms === null ? null : 3_600_000 }, measurements);
  return { refusal, nearest: nearest && { ...nearest, warnings: [refusal, ...nearest.warnings] } };
}

function choiceOf(demand: InstanceDemand, measurements: readonly Measurement[]): InstanceChoice | null {
  const { chosen, reason } = planDemand(demand, measurements);
  if (chosen === null || chosen.instanceType === null) return null;
  const { instanceType, count, unitRps, basis, warnings } = chosen;
  return { instanceType, instanceCount: count, requestsPerSecond: unitRps, basis, reason, warnings };
}
