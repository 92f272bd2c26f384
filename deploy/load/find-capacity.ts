import type { Arrivals } from "./arrivals.js";
import { type Burden, type KneeRules, keepsUp, kneeFactor, kneeGoodShare, kneeQuantile } from "./knee.js";
import { failureCount } from "./recorder.js";
import type { LoadBounds, LoadRun } from "./run-load.js";

export type CapacityParts = Readonly<{
  /** One span of load with the rest of the bounds; interrupted runs end the search. */
  run: (arrivals: Arrivals, bounds: LoadBounds) => Promise<LoadRun>;
  spacing: "constant" | "poisson";
  /** All spans together. */
  bounds: LoadBounds;
  /** Most ms at the 99th percentile, where the caller has a limit; otherwise three times an idle service's. */
  mostP99Ms: number | null;
  onStep?: ((burden: Burden, isBorne: boolean) => void) | undefined;
}>;

/** One step of the search. */
export type CapacityStep = Readonly<{ burden: Burden; isBorne: boolean; run: LoadRun }>;

export type Capacity = Readonly<{
  /** One caller alone. */
  idle: LoadRun;
  steps: readonly CapacityStep[];
  /** Highest rate that was borne; null when none was. */
  sustainedPerSecond: number | null;
  /** At this share of it ... */
  heldShare: number;
  /** ... for longer, for percentiles that mean something; null when there was nothing to hold. */
  held: LoadRun | null;
}>;

/** Of the whole time: one caller, each step, and the rest for the hold. */
const [idleShare, stepShare, mostSteps] = [0.1, 0.05, 12];
/** Where the planner likes its instances. */
const heldShare = 0.7;
/** Half again as much until it breaks, then halving the gap until it is this narrow. */
const [growth, narrowEnough] = [1.5, 1.06];

/**
 * What a service bears: one caller alone for its idle time, then constant rates that grow until one is not borne and
 * close in on the limit, then a while at 70 % of it. @throws what `run` throws
 */
export async function findCapacity(parts: CapacityParts): Promise<Capacity> {
  const { run, bounds, spacing, mostP99Ms, onStep } = parts;
  const budget = createBudget(bounds);
  const idle = await run({ kind: "closed", callers: 1 }, budget.take(idleShare));
  budget.spend(idle);
  const rules = toRules(idle, mostP99Ms);
  const steps: CapacityStep[] = [];
  let [borne, broken] = [0, Number.POSITIVE_INFINITY];
  let perSecond = 1000 / (idle.recorder.tally.latencies.at(0.5) ?? 1000);
  const mayGoOn = (last: LoadRun) => last.ended !== "interrupted" && budget.isEnoughFor(stepShare);
  let last = idle;
  while (rules !== null && steps.length < mostSteps && broken / borne > narrowEnough && mayGoOn(last)) {
    last = await run(
      { kind: "open", fromPerSecond: perSecond, toPerSecond: perSecond, spacing },
      budget.take(stepShare),
    );
    budget.spend(last);
    if (last.ended === "interrupted") break;
    const burden = toBurden(last, perSecond, rules);
    const isBorne = keepsUp(burden, rules);
    steps.push({ burden, isBorne, run: last });
    onStep?.(burden, isBorne);
    if (isBorne) borne = perSecond;
    else broken = perSecond;
    perSecond = Number.isFinite(broken) ? (borne === 0 ? broken / 2 : Math.sqrt(borne * broken)) : perSecond * growth;
  }
  const sustainedPerSecond = borne === 0 ? null : borne;
  if (sustainedPerSecond === null || !mayGoOn(last)) return { idle, steps, sustainedPerSecond, heldShare, held: null };
  const rate = sustainedPerSecond * heldShare;
  const held = await run(
    { kind: "open", fromPerSecond: rate, toPerSecond: rate, spacing },
    budget.take(1 - idleShare - stepShare * mostSteps, true),
  );
  return { idle, steps, sustainedPerSecond, heldShare, held };
}

/** Null when one caller alone had no answer: then nothing is borne. */
function toRules(idle: LoadRun, mostP99Ms: number | null): KneeRules | null {
  const idleMs = idle.recorder.tally.latencies.at(kneeQuantile);
  if (idleMs === null) return null;
  if (mostP99Ms !== null) return { leastGoodShare: kneeGoodShare, quantile: 0.99, mostMs: mostP99Ms };
  return { leastGoodShare: kneeGoodShare, quantile: kneeQuantile, mostMs: kneeFactor * idleMs };
}

function toBurden({ recorder: { tally } }: LoadRun, perSecond: number, { quantile }: KneeRules): Burden {
  const failed = failureCount(tally);
  const asked = tally.good + failed;
  return {
    offeredPerSecond: perSecond,
    goodShare: asked === 0 ? 0 : tally.good / asked,
    latencyMs: tally.latencies.at(quantile),
  };
}

/** Spans share the bounds: each takes its part of the time, late answers included, and the requests that are left. */
function createBudget(bounds: LoadBounds) {
  let [leftMs, leftRequests] = [bounds.durationMs, bounds.maxRequests];
  return {
    /** The last span may drain as long as the bounds say, one before it no longer than it lasts. */
    take: (share: number, isLast = false): LoadBounds => {
      const durationMs = Math.min(bounds.durationMs * share, leftMs);
      const drainMs = isLast ? bounds.drainMs : Math.min(bounds.drainMs, durationMs);
      return { ...bounds, durationMs, drainMs, maxRequests: leftRequests };
    },
    spend: ({ recorder, tookMs }: LoadRun) => {
      leftRequests -= recorder.tally.sent;
      leftMs -= tookMs;
    },
    isEnoughFor: (share: number) => leftRequests > 0 && leftMs >= bounds.durationMs * share,
  };
}
