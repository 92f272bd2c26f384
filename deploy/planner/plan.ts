import { breakEvenRps, rpsToMatch } from "./costs.js";
import type { Demand, Mode } from "./demand.js";
import { instanceTable } from "./instance-facts.js";
import type { Measurement } from "./measurement.js";
import { findPrice, pricedRegions } from "./prices.js";
import type { Quote, Rejection } from "./quote.js";
import { findMeasurement, quoteInstances, utilizationBound, wakeUpMs } from "./quote-instances.js";
import { quoteServerless } from "./quote-serverless.js";

/** Where a GPU begins to pay, beside the cheapest CPU quote. */
export type BreakEven = Readonly<{
  gpu: string;
  cpu: string;
  /** The rate above which GPUs cost less; null when never, or when the GPU's own rate is not known. */
  rps: number | null;
  /** What one GPU instance would have to be given a second to cost no more a look than the CPU instance. */
  rpsToMatch: number;
  text: string;
}>;

/** A demand and everything that could serve it. `chosen` is null when nothing can, and `reason` says why. */
export type Plan = Readonly<{
  demand: Demand;
  chosen: Quote | null;
  reason: string;
  /** Cheapest first. */
  quotes: readonly Quote[];
  rejected: readonly Rejection[];
  /** The cheapest of every other mode, the target left aside where the mode can hold none. */
  alternatives: readonly (Quote & Readonly<{ remark: string }>)[];
  breakEven: readonly BreakEven[];
}>;

/** Quotes for a demand in its own mode, the cheapest chosen, and what the other modes would cost. Pure. */
export function planDemand(demand: Demand, measurements: readonly Measurement[]): Plan {
  const mode: Mode = demand.mode === "auto" ? "sync" : demand.mode;
  const { quotes, rejected } = quotesFor(demand, mode, measurements);
  const [chosen] = quotes;
  return {
    demand,
    chosen: chosen ?? null,
    reason: chosen === undefined ? refusalOf(demand, rejected) : reasonOf(chosen, demand),
    quotes,
    rejected,
    alternatives: alternativesTo(mode, demand, measurements),
    breakEven: mode === "sync" ? breakEvens(demand, measurements) : [],
  };
}

function quotesFor(demand: Demand, mode: Mode, measurements: readonly Measurement[]) {
  return mode === "serverless" ? quoteServerless(demand) : quoteInstances(demand, mode, measurements);
}

function wishOf({ rps, p95Ms, budgetUsd }: Demand): string {
  const within = p95Ms === null ? "" : ` with 95 % within ${p95Ms} ms`;
  return `${rps} looks a second${within}${budgetUsd === null ? "" : ` for at most ${budgetUsd} USD a month`}`;
}

function reasonOf({ mode, name, count, utilization, p95Ms, monthlyUsd, basis }: Quote, demand: Demand): string {
  const p95 = p95Ms === null ? "" : `, 95 % within ${p95Ms.toFixed(0)} ms`;
  const how = mode === "serverless" ? `${name} at a concurrency of ${count}` : `${count} x ${name}`;
  return (
    `${how} is the cheapest for ${wishOf(demand)}: ${(utilization * 100).toFixed(0)} % busy${p95}, ` +
    `${monthlyUsd.toFixed(2)} USD a month (${basis})`
  );
}

/** One sentence: too dear, too slow or not known, whichever is nearest to an answer. */
function refusalOf(demand: Demand, rejected: readonly Rejection[]): string {
  if (demand.mode !== "serverless" && !pricedRegions.includes(demand.region)) {
    return `nothing can be quoted in ${demand.region}: prices are known of ${pricedRegions.join(" and ")} alone`;
  }
  const least = (kind: Rejection["kind"]) => {
    return rejected.filter((each) => each.kind === kind).sort((first, second) => first.amount - second.amount)[0];
  };
  const nearest =
    least("budget") ?? least("fleet") ?? least("slow") ?? least("untimed") ?? least("unpriced") ?? least("excluded");
  return `nothing serves ${wishOf(demand)}: ${nearest?.reason ?? "no instance type is known"}`;
}

const remarks: Readonly<Record<Mode, string>> = {
  sync: "answers at once; always on",
  async: `from zero instances the first answer waits up to ${wakeUpMs / 60_000} min`,
  serverless: "nothing is billed between looks; cold starts of tens of seconds are not in the p95",
  batch: "jobs over files in S3, billed while they run",
};

function alternativesTo(mode: Mode, demand: Demand, measurements: readonly Measurement[]): Plan["alternatives"] {
  const modes: readonly Mode[] = ["sync", "async", "serverless", "batch"];
  return modes
    .filter((other) => other !== mode && !(other === "sync" && demand.p95Ms === null))
    .flatMap((other) => {
      const p95Ms = other === "async" || other === "batch" ? null : demand.p95Ms;
      const [quote] = quotesFor({ ...demand, p95Ms }, other, measurements).quotes;
      return quote === undefined ? [] : [{ ...quote, remark: remarks[other] }];
    });
}

/** Each GPU type beside the CPU type whose looks are cheapest when it is as busy as it may be. */
function breakEvens(demand: Demand, measurements: readonly Measurement[]): readonly BreakEven[] {
  const units = instanceTable.flatMap((instance) => {
    const usdPerHour = findPrice(instance.type, demand.region)?.usdPerHour ?? null;
    const isOther = instance.architecture !== demand.architecture;
    if (usdPerHour === null || isOther) return [];
    const row = findMeasurement(instance, demand, "sync", measurements);
    const usableRps = row === null ? null : row.sustainedRps * utilizationBound(row, demand, "sync");
    return [{ type: instance.type, isGpu: instance.gpu !== null, usdPerHour, usableRps }];
  });
  const known = units.flatMap((unit) => (unit.usableRps === null ? [] : [{ ...unit, usableRps: unit.usableRps }]));
  const [cpu] = known
    .filter(({ isGpu }) => !isGpu)
    .sort((first, second) => first.usdPerHour / first.usableRps - second.usdPerHour / second.usableRps);
  if (cpu === undefined) return [];
  return units
    .filter(({ isGpu }) => isGpu)
    .map(({ type, usdPerHour, usableRps }) => {
      const needed = rpsToMatch(cpu, usdPerHour);
      const rps = usableRps === null ? null : breakEvenRps(cpu, { usdPerHour, usableRps });
      return {
        gpu: type,
        cpu: cpu.type,
        rps,
        rpsToMatch: needed,
        text: breakEvenText(type, cpu.type, needed, usableRps, rps),
      };
    });
}

function breakEvenText(gpu: string, cpu: string, needed: number, usableRps: number | null, rps: number | null): string {
  const must = `pays once one instance may be given ${needed.toFixed(1)} looks a second (${cpu} costs less a look below that)`;
  if (usableRps === null) return `${gpu} ${must}; its rate was never measured`;
  const has = `it is counted on for ${usableRps.toFixed(1)}`;
  if (rps === null) return `${gpu} ${must}; ${has}: never cheaper`;
  return `${gpu} ${must}; ${has}: cheaper for the first time above ${rps.toFixed(1)} looks a second in all`;
}
