import type { Measurement } from "./measurement.js";

/**
 * How long looks take on one instance as its utilization grows: G/G/c with a picture on each lane.
 * A look takes `idleMs + slopeMs * utilization`, now and then `spreadMs` more, and waits with probability C(c, u), Erlang's C;
 * those that wait do so for exponentially distributed times of mean `serviceMs * variability / (c * (1 - u))`.
 * That mean is Allen and Cunneen's approximation (A. O. Allen, Probability, Statistics, and Queueing Theory, 1990); the
 * exponential tail is good "especially for higher percentiles" (Abate, Choudhury, Whitt, Operations Research 43, 1995, 885).
 */
export type LatencyModel = Readonly<{
  lanes: number;
  serviceMs: number;
  idleMs: number;
  slopeMs: number;
  spreadMs: number;
  /** (ca² + cs²) / 2 of arrivals by chance, whose ca² is 1. */
  variability: number;
}>;

/** The probability that a look must wait for one of `lanes` lanes at this utilization, in [0, 1]. */
export function erlangC(lanes: number, utilization: number): number {
  if (utilization <= 0) return 0;
  if (utilization >= 1) return 1;
  const load = lanes * utilization;
  // Erlang's B by its recurrence, which neither overflows nor loses digits.
  let blocked = 1;
  for (let lane = 1; lane <= lanes; lane++) blocked = (load * blocked) / (lane + load * blocked);
  return blocked / (1 - utilization * (1 - blocked));
}

/**
 * The model that goes through a measurement's points, the lone caller's median and p50 and p99 under load, and then lets
 * looks arrive by chance whatever the load test did: fixed instants flatter the queue.
 */
export function fitLatency(row: Measurement): LatencyModel {
  const { lanes, utilization, p50Ms, p99Ms } = row;
  const serviceMs = (1000 * lanes) / row.sustainedRps;
  const wait = erlangC(lanes, utilization);
  const widthMs = p99Ms - p50Ms;
  // So few wait that the percentiles show the work itself.
  if (wait < 0.05) {
    const spreadMs = widthMs / Math.log(0.5 / 0.01);
    const variability = (1 + (spreadMs / serviceMs) ** 2) / 2;
    return { lanes, serviceMs, ...baseOf(row, p50Ms), spreadMs, variability };
  }
  const medianWaits = Math.max(0, Math.log(wait / 0.5));
  const meanWaitMs = widthMs / (Math.log(wait / 0.01) - medianWaits);
  const seen = (meanWaitMs * lanes * (1 - utilization)) / serviceMs;
  const arrivalVariability = row.arrivals === "poisson" ? 1 : 0;
  const serviceVariability = Math.max(0, 2 * seen - arrivalVariability);
  // A tail too wide for one queue: at least the lone caller's time, or half the median, is taken for work.
  const leastMs = Math.min(row.idleP50Ms ?? p50Ms / 2, p50Ms);
  const base = baseOf(row, Math.max(leastMs, p50Ms - meanWaitMs * medianWaits));
  return { lanes, serviceMs, ...base, spreadMs: 0, variability: (1 + serviceVariability) / 2 };
}

/** Less load than this shows no slope: dividing by it would make one of noise. */
const leastUtilization = 0.1;

/**
 * A straight line from the lone caller to the loaded median without its wait. A lone caller who is faster than one lane's own
 * work had more lanes on a picture, which nobody has beside others: then a lane's time counts.
 */
function baseOf(
  { idleP50Ms, utilization, lanes, sustainedRps }: Measurement,
  loadedMs: number,
): Readonly<{ idleMs: number; slopeMs: number }> {
  const alone = Math.max(idleP50Ms ?? loadedMs, (1000 * lanes) / sustainedRps);
  const idleMs = Math.min(alone, loadedMs);
  return { idleMs, slopeMs: utilization > 0 ? (loadedMs - idleMs) / Math.max(utilization, leastUtilization) : 0 };
}

/** The time, in ms, that `share` of the looks stay under at this utilization; infinite from 1 on. Grows with both. */
export function latencyAt(model: LatencyModel, utilization: number, share: number): number {
  if (utilization >= 1) return Number.POSITIVE_INFINITY;
  const { lanes, serviceMs, idleMs, slopeMs, spreadMs, variability } = model;
  const meanWaitMs = (serviceMs * variability) / (lanes * (1 - utilization));
  const wait = erlangC(lanes, utilization);
  const waits = wait > 1 - share ? meanWaitMs * Math.log(wait / (1 - share)) : 0;
  const longer = share > 0.5 ? spreadMs * Math.log(0.5 / (1 - share)) : 0;
  return idleMs + slopeMs * utilization + longer + waits;
}

/** The largest utilization up to `bound` at which 95 % stay within `p95Ms`; null when not even an idle instance does. */
export function utilizationWithin(model: LatencyModel, p95Ms: number, bound: number): number | null {
  if (latencyAt(model, 0, 0.95) > p95Ms) return null;
  if (latencyAt(model, bound, 0.95) <= p95Ms) return bound;
  let [within, beyond] = [0, bound];
  for (let step = 0; step < 50; step++) {
    const middle = (within + beyond) / 2;
    if (latencyAt(model, middle, 0.95) <= p95Ms) within = middle;
    else beyond = middle;
  }
  return within;
}
