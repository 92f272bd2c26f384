import { hoursPerMonth } from "./costs.js";
import type { Demand } from "./demand.js";
import { estimateInstance } from "./estimate.js";
import { type InstanceFacts, instanceTable } from "./instance-facts.js";
import { instanceWarnings } from "./instance-warnings.js";
import { fitLatency, latencyAt, utilizationWithin } from "./latency-model.js";
import type { Measurement } from "./measurement.js";
import { findPrice, type Price } from "./prices.js";
import { costOf, instanceMonth, type Quote, type Rejection, withinBudget } from "./quote.js";
import { referenceMeasurement } from "./shipped-measurements.js";

/** The modes that have instances. */
export type InstanceMode = "sync" | "async" | "batch";

/** Of an estimated rate only this much is counted on: the platform document's safety for rates nobody has tried. */
export const estimatedShare = 0.5;

/** Of a transform job the API's own limit; of endpoints more than any quota that is given without asking. */
const mostInstances: Readonly<Record<InstanceMode, number>> = { sync: 1000, async: 1000, batch: 100 };

/** An async endpoint at zero instances: alarm 2 to 3 minutes, instance and container 3 to 5, before the first answer. */
export const wakeUpMs = 8 * 60_000;

/** The most that an instance is loaded, as a share of its rate. A transform job has nobody waiting and takes it all. */
export function utilizationBound(row: Measurement, { headroom }: Demand, mode: InstanceMode): number {
  return Math.min(mode === "batch" ? 1 : 1 - headroom, row.kind === "estimated" ? estimatedShare : 1);
}

/**
 * What is known of a type for a demand: the newest measurement of its mode and precision, of sync where its mode has none, a
 * claim, or an estimate from the reference machine; null where there is nothing to go by.
 */
export function findMeasurement(
  instance: InstanceFacts,
  { precision }: Pick<Demand, "precision">,
  mode: InstanceMode,
  measurements: readonly Measurement[],
): Measurement | null {
  const fits = (row: Measurement) => instance.gpu !== null || row.precision.split("-")[0] === precision;
  const rank = (row: Measurement) => [row.kind === "measured" ? 1 : 0, row.mode === mode ? 1 : 0, row.date] as const;
  const [best] = measurements
    .filter((row) => row.instanceType === instance.type && (row.mode === mode || row.mode === "sync") && fits(row))
    .map((row, index) => ({ row, rank: [...rank(row), index] as const }))
    .sort((first, second) => compareRanks(second.rank, first.rank));
  return best?.row ?? estimateInstance(instance, precision, referenceMeasurement);
}

function compareRanks(first: readonly (number | string)[], second: readonly (number | string)[]): number {
  const at = first.findIndex((part, index) => part !== second[index]);
  return at === -1 ? 0 : first[at]! < second[at]! ? -1 : 1;
}

/** Every instance type's offer for a demand, cheapest first, and why the others make none. */
export function quoteInstances(
  demand: Demand,
  mode: InstanceMode,
  measurements: readonly Measurement[],
): Readonly<{ quotes: readonly Quote[]; rejected: readonly Rejection[] }> {
  const offers = instanceTable.map((instance) => offerOf(instance, demand, mode, measurements));
  const affordable = withinBudget(
    offers.flatMap((offer) => ("reason" in offer ? [] : [offer])),
    demand,
  );
  const others = offers.flatMap((offer) => ("reason" in offer ? [offer] : []));
  return { quotes: affordable.quotes, rejected: [...affordable.rejected, ...others] };
}

function offerOf(
  instance: InstanceFacts,
  demand: Demand,
  mode: InstanceMode,
  measurements: readonly Measurement[],
): Quote | Rejection {
  const { type } = instance;
  const reject = (kind: Rejection["kind"], reason: string, amount = 0): Rejection => {
    return { name: type, reason, kind, amount };
  };
  const exclusion = exclusionOf(instance, demand, mode);
  if (exclusion !== null) return reject("excluded", exclusion);
  const price = findPrice(type, demand.region);
  if (price === undefined || price.usdPerHour === null) {
    return reject("unpriced", `no price of ${type} is known in ${demand.region}`);
  }
  const row = findMeasurement(instance, demand, mode, measurements);
  if (row === null) {
    return reject(
      "untimed",
      `nothing was ever timed on ${type} (${instance.gpu?.name ?? "CPU"}): measure it with stygig loadtest`,
    );
  }
  const bound = utilizationBound(row, demand, mode);
  const share = demand.p95Ms === null ? bound : shareWithin(row, demand.p95Ms, bound, mode);
  if (typeof share === "object") return reject("slow", `${type} ${share.reason}`, share.fastestMs);
  const count = Math.ceil(demand.rps / (row.sustainedRps * share));
  if (count > mostInstances[mode]) {
    return reject("fleet", `${count} x ${type} are more than the ${mostInstances[mode]} that ${mode} may have`, count);
  }
  return quoteOf({ instance, price, row }, count, demand, mode);
}

function exclusionOf(instance: InstanceFacts, demand: Demand, mode: InstanceMode): string | null {
  const { type, gpu, architecture } = instance;
  if (!(mode === "batch" ? instance.batch : instance.hosting)) return `${type} is no type for ${mode}`;
  if (demand.gpu === "never" && gpu !== null) return `${type} has a GPU, which --gpu never forbids`;
  if (demand.gpu === "always" && gpu === null) return `${type} has no GPU, which --gpu always asks for`;
  if (mode === "batch" && gpu !== null) {
    return `${type} has driver 470 or 535 in transform jobs, and the GPU image's CUDA 13 needs 580`;
  }
  if (architecture !== demand.architecture)
    return `${type} runs ${architecture}, the image is for ${demand.architecture}`;
  return null;
}

/** The share of its rate that an instance may be given, or why it can keep the target with none. */
function shareWithin(
  row: Measurement,
  p95Ms: number,
  bound: number,
  mode: InstanceMode,
): number | Readonly<{ reason: string; fastestMs: number }> {
  if (mode === "async") {
    if (p95Ms >= wakeUpMs) return bound;
    const reason = `answers through a queue and S3, from zero instances after up to ${wakeUpMs / 60_000} minutes: no p95 of ${p95Ms} ms can be promised`;
    return { reason, fastestMs: wakeUpMs };
  }
  const model = fitLatency(row);
  const share = utilizationWithin(model, p95Ms, bound);
  // Next to nothing of an instance is no offer: it would take thousands of them.
  if (share !== null && share > 0.001) return share;
  const fastestMs = latencyAt(model, 0, 0.95);
  return { reason: `takes ${fastestMs.toFixed(1)} ms without any load, the target is ${p95Ms} ms`, fastestMs };
}

type Known = Readonly<{ instance: InstanceFacts; price: Price; row: Measurement }>;

/** What so many instances of a type do and cost for a demand, whether they hold its target or not. */
export function quoteOf({ instance, price, row }: Known, count: number, demand: Demand, mode: InstanceMode): Quote {
  const { type } = instance;
  const usdPerHour = price.usdPerHour ?? Number.NaN;
  const utilization = demand.rps / (row.sustainedRps * count);
  const jobHours = (demand.rps / (row.sustainedRps * utilizationBound(row, demand, mode))) * hoursPerMonth;
  const monthlyUsd = mode === "batch" ? jobHours * usdPerHour : count * usdPerHour * hoursPerMonth;
  return {
    mode,
    name: type,
    instanceType: type,
    count,
    unitRps: row.sustainedRps,
    utilization,
    p95Ms: mode === "sync" ? latencyAt(fitLatency(row), utilization, 0.95) : null,
    ...costOf(demand, monthlyUsd),
    basis: row.kind,
    evidence:
      row.kind === "estimated"
        ? row.formula
        : `measured on ${row.date} at ${row.commit}: ${row.sustainedRps} looks a second (${row.machine})`,
    formula: formulaOf({ instance, price, row }, count, demand, mode),
    warnings: instanceWarnings({ instance, count, mode, row, price, demand }),
  };
}

/** How the money of a month was counted, in words. */
function formulaOf(
  { instance: { type }, price, row }: Known,
  count: number,
  demand: Demand,
  mode: InstanceMode,
): string {
  const workHours = (demand.rps / (row.sustainedRps * utilizationBound(row, demand, mode))) * hoursPerMonth;
  const usdPerHour = price.usdPerHour ?? Number.NaN;
  if (mode === "batch") return `${workHours.toFixed(1)} instance hours of jobs x ${usdPerHour} USD`;
  const alwaysOn = instanceMonth(count, type, usdPerHour);
  if (mode === "sync") return alwaysOn;
  return `${alwaysOn}; scaled to zero ${(workHours * usdPerHour).toFixed(2)} USD of work, and idle minutes before each scale-in`;
}
