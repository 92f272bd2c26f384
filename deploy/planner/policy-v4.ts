import type { Demand } from "./demand.js";
import { findInstance } from "./instance-facts.js";
import type { Measurement } from "./measurement.js";
import { findPrice } from "./prices.js";
import type { Quote } from "./quote.js";
import { findMeasurement, type InstanceMode, quoteOf } from "./quote-instances.js";

/** What V4's table asks; `null` where the caller did not say what the endpoint is for. */
export type V4Workload = Readonly<{
  kind: "real-time" | "batch";
  environment: "production" | "development" | null;
  p95Ms: number | null;
}>;

/** The first type is the one that is taken; batch names two of equal rank. */
export type V4Advice = Readonly<{ instanceTypes: readonly [string, ...string[]]; rule: string }>;

/** V4's limit below which it advises a GPU, in ms. */
const gpuBelowMs = 200;

/** V4's decision table as its guide has it (v4-behaviour.md, section 18), which looks neither at rate nor at money. */
export function adviseAsV4({ kind, environment, p95Ms }: V4Workload): V4Advice {
  if (kind === "batch") return { instanceTypes: ["ml.m5.large", "ml.c5.large"], rule: "batch" };
  if (environment === "production") return { instanceTypes: ["ml.g4dn.xlarge"], rule: "production" };
  if (p95Ms !== null && p95Ms < gpuBelowMs) {
    return { instanceTypes: ["ml.g4dn.xlarge"], rule: `real-time below ${gpuBelowMs} ms` };
  }
  if (environment === "development") return { instanceTypes: ["ml.m5.xlarge"], rule: "development" };
  return { instanceTypes: ["ml.m5.2xlarge"], rule: "no need of low latency" };
}

/** V4's advice for a demand, with what our figures say of it; null with the sentence where it has none. */
export type V4Plan =
  | Readonly<{ advice: V4Advice; quote: Quote; reason: string; warnings: readonly string[] }>
  | Readonly<{ refusal: string }>;

/** V4's choice for a demand, one instance as V4 deploys, priced and judged by what is known today. */
export function planAsV4(
  demand: Demand,
  environment: V4Workload["environment"],
  measurements: readonly Measurement[],
): V4Plan {
  if (demand.mode === "serverless") return { refusal: "V4's table has no row for serverless endpoints" };
  const mode: InstanceMode = demand.mode === "auto" ? "sync" : demand.mode;
  const kind = mode === "sync" ? "real-time" : "batch";
  const advice = adviseAsV4({ kind, environment, p95Ms: demand.p95Ms });
  const [type] = advice.instanceTypes;
  const instance = findInstance(type);
  const price = findPrice(type, demand.region);
  if (instance === undefined || price === undefined) {
    return { refusal: `no price of ${type}, V4's choice, is known in ${demand.region}` };
  }
  const isForbidden = demand.gpu === (instance.gpu === null ? "always" : "never");
  if (isForbidden) return { refusal: `V4's table takes ${type} (${advice.rule}), which --gpu ${demand.gpu} forbids` };
  const row = findMeasurement(instance, demand, mode, measurements);
  if (row === null) throw new RangeError(`${type} has no figure`);
  const quote = quoteOf({ instance, price, row }, 1, demand, mode);
  if (demand.budgetUsd !== null && quote.monthlyUsd > demand.budgetUsd) {
    return {
      refusal: `V4's choice, ${type}, costs ${quote.monthlyUsd.toFixed(2)} USD a month, more than the budget of ${demand.budgetUsd}`,
    };
  }
  const reason = `V4's table takes ${advice.instanceTypes.join(" or ")} (${advice.rule})`;
  return { advice, quote, reason, warnings: [...shortcomings(quote, demand), ...quote.warnings] };
}

function shortcomings({ name, utilization, p95Ms }: Quote, demand: Demand): readonly string[] {
  if (utilization >= 1) {
    return [
      `V4's table does not look at the rate: one ${name} would have to do ${utilization.toFixed(1)} times what it can`,
    ];
  }
  if (p95Ms !== null && demand.p95Ms !== null && p95Ms > demand.p95Ms) {
    return [
      `V4's table does not look at figures: one ${name} takes ${p95Ms.toFixed(0)} ms, the target is ${demand.p95Ms} ms`,
    ];
  }
  return [];
}
