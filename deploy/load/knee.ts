import type { LoadRun } from "./run-load.js";

/** What counts as keeping up with a load. */
export type KneeRules = Readonly<{
  /** Of the requests that were due, how many must be answered, in [0, 1]. */
  leastGoodShare: number;
  /** Most ms that so many of the answers may take. */
  quantile: number;
  mostMs: number;
}>;

/** How a load was borne. */
export type Burden = Readonly<{ offeredPerSecond: number; goodShare: number; latencyMs: number | null }>;

/** A twentieth of the answers may be late by chance; three times an idle service's time is a queue. */
export const kneeQuantile = 0.95;
export const kneeFactor = 3;
export const kneeGoodShare = 0.99;
/** Fewer answers tell nothing of a percentile. */
const leastAnswers = 5;

export function keepsUp({ goodShare, latencyMs }: Burden, { leastGoodShare, mostMs }: KneeRules): boolean {
  return goodShare >= leastGoodShare && latencyMs !== null && latencyMs <= mostMs;
}

/** How each window of a rising load was borne; those with too few answers to say are left out. */
export function toBurdens({ recorder, bounds }: LoadRun, quantile: number, rateAt: (middleMs: number) => number) {
  const { tally, windowMs } = recorder;
  return tally.windows.flatMap(({ good, failed, latencies }, place): readonly Burden[] => {
    const middleMs = Math.min((place + 0.5) * windowMs, bounds.durationMs);
    if (good + failed < leastAnswers) return [];
    return [
      { offeredPerSecond: rateAt(middleMs), goodShare: good / (good + failed), latencyMs: latencies.at(quantile) },
    ];
  });
}

/**
 * The highest rate up to which a rising load was borne: the last window before two in a row that were not, because one
 * alone may be a hiccup. Null when not even the first ones were; `isReached` says whether there was a limit at all.
 */
export function findKnee(
  burdens: readonly Burden[],
  rules: KneeRules,
): Readonly<{ perSecond: number | null; isReached: boolean }> {
  const borne = burdens.map((burden) => keepsUp(burden, rules));
  const broken = borne.findIndex((isBorne, place) => !isBorne && borne[place + 1] !== true);
  const isReached = broken >= 0;
  const before = isReached ? burdens.slice(0, broken) : burdens;
  return { perSecond: before.at(-1)?.offeredPerSecond ?? null, isReached };
}
