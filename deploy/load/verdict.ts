import { failureCount } from "./recorder.js";
import type { LoadRun } from "./run-load.js";

/** What a run must hold to; null where there is no such wish. */
export type Thresholds = Readonly<{
  maxP99Ms: number | null;
  maxP95Ms: number | null;
  maxErrors: number | null;
  /** Good answers a second. */
  minPerSecond: number | null;
}>;

/** V4's own promise of its endpoint (`v4-behaviour.md`, alarms): with 100 callers at once. */
export const v4Policy = { callers: 100, maxP99Ms: 300, maxErrors: 0 } as const;

export type Check = Readonly<{ name: string; limit: number; found: number | null; passed: boolean }>;

/** Each wish with what came of it. A percentile of no answers at all holds to nothing; V4's limits are exclusive. */
export function toChecks(run: LoadRun, thresholds: Thresholds): readonly Check[] {
  const { tally } = run.recorder;
  const below = (name: string, limit: number | null, found: number | null): readonly Check[] =>
    limit === null ? [] : [{ name, limit, found, passed: found !== null && found < limit }];
  const { maxErrors, minPerSecond } = thresholds;
  const errors = failureCount(tally);
  const perSecond = goodPerSecond(run);
  return [
    ...below("p99_ms", thresholds.maxP99Ms, tally.latencies.at(0.99)),
    ...below("p95_ms", thresholds.maxP95Ms, tally.latencies.at(0.95)),
    ...(maxErrors === null
      ? []
      : [{ name: "errors", limit: maxErrors, found: errors, passed: errors <= maxErrors && tally.good > 0 }]),
    ...(minPerSecond === null
      ? []
      : [{ name: "good_per_second", limit: minPerSecond, found: perSecond, passed: perSecond >= minPerSecond }]),
  ];
}

/** Good answers over all the time they took to come. */
export function goodPerSecond({ recorder, tookMs }: LoadRun): number {
  return tookMs <= 0 ? 0 : (1000 * recorder.tally.good) / tookMs;
}
