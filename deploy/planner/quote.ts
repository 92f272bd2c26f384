import { hoursPerMonth, looksPerMonth } from "./costs.js";
import type { Demand, Mode } from "./demand.js";
import type { Measurement } from "./measurement.js";

/** A way to serve a demand, and what it costs. */
export type Quote = Readonly<{
  mode: Mode;
  /** The instance type, or "serverless 3072 MB". */
  name: string;
  /** Null for serverless. */
  instanceType: string | null;
  /** Instances; of serverless the concurrency. */
  count: number;
  /** What one of them bears, in looks a second. */
  unitRps: number;
  /** The share of what it could do that is used, in [0, 1]. */
  utilization: number;
  /** Null where no target is held: async and batch. */
  p95Ms: number | null;
  monthlyUsd: number;
  usdPerThousand: number;
  usdPerMillion: number;
  basis: Measurement["kind"];
  /** The measurement, or how the estimate was made. */
  evidence: string;
  /** How the money was counted. */
  formula: string;
  warnings: readonly string[];
}>;

/** Why something is no answer to a demand. `amount` is what it would take: USD of `budget`, instances of `fleet`, ms of
 * `slow`. */
export type Rejection = Readonly<{
  name: string;
  reason: string;
  kind: "budget" | "fleet" | "slow" | "untimed" | "unpriced" | "excluded";
  amount: number;
}>;

/** What one month at the demand's rate costs, and each look of it. */
export function costOf(
  demand: Demand,
  monthlyUsd: number,
): Pick<Quote, "monthlyUsd" | "usdPerThousand" | "usdPerMillion"> {
  const usdPerLook = monthlyUsd / looksPerMonth(demand.rps);
  return { monthlyUsd, usdPerThousand: usdPerLook * 1e3, usdPerMillion: usdPerLook * 1e6 };
}

/** Cheapest first; of equal ones the fewer, the faster, the first by name. */
function byCost(first: Quote, second: Quote): number {
  return (
    first.monthlyUsd - second.monthlyUsd ||
    first.count - second.count ||
    (first.p95Ms ?? 0) - (second.p95Ms ?? 0) ||
    (first.name < second.name ? -1 : 1)
  );
}

/** Sorts the quotes by cost and turns those over the budget away. */
export function withinBudget(
  quotes: readonly Quote[],
  { budgetUsd }: Demand,
): Readonly<{ quotes: readonly Quote[]; rejected: readonly Rejection[] }> {
  const isTooDear = ({ monthlyUsd }: Quote) => budgetUsd !== null && monthlyUsd > budgetUsd;
  return {
    quotes: quotes.filter((quote) => !isTooDear(quote)).sort(byCost),
    rejected: quotes
      .filter(isTooDear)
      .sort(byCost)
      .map(({ name, count, monthlyUsd }) => ({
        name,
        reason: `${count} x ${name}: ${monthlyUsd.toFixed(2)} USD a month, more than the budget of ${budgetUsd}`,
        kind: "budget",
        amount: monthlyUsd,
      })),
  };
}

/** Instances that are always on. */
export function instanceMonth(count: number, name: string, usdPerHour: number): string {
  return `${count} x ${name} x ${usdPerHour} USD x ${hoursPerMonth} h`;
}
