import { type Arrivals, offeredPerSecond } from "./arrivals.js";
import type { Capacity } from "./find-capacity.js";
import { findKnee, kneeFactor, kneeGoodShare, kneeQuantile, toBurdens } from "./knee.js";
import { type LatencyFigures, toFigures } from "./latencies.js";
import { failureCount } from "./recorder.js";
import type { LoadRun } from "./run-load.js";
import { goodPerSecond, type Thresholds, toChecks } from "./verdict.js";

/** Where and when, for whoever reads the report later. */
export type ReportFacts = Readonly<{
  target: string;
  startedAt: string;
  version: string;
  pictures: string;
  /** Share of one core's time that this process took, in [0, cores]; null where nobody looked. */
  ownCpuShare: number | null;
}>;

/** What a load test reports, as JSON: times in ms, rates a second. */
export type LoadReport = ReturnType<typeof toReport>;

/** `capacity` where it was searched for; its hold is then the run that is judged. */
export function toReport(run: LoadRun, capacity: Capacity | null, thresholds: Thresholds, facts: ReportFacts) {
  const checks = toChecks(run, thresholds);
  const { ended } = run;
  return {
    target: facts.target,
    started_at: facts.startedAt,
    version: facts.version,
    pictures: facts.pictures,
    ended,
    passed: ended !== "interrupted" && checks.every(({ passed }) => passed),
    checks,
    ...toSpan(run),
    knee: toKnee(run),
    capacity: capacity === null ? null : toCapacity(capacity),
    own_cpu_share: facts.ownCpuShare,
    notes: toNotes(run),
  };
}

function toSpan(run: LoadRun) {
  const { arrivals, bounds, recorder, tookMs } = run;
  const { tally, windowMs } = recorder;
  return {
    load: toLoad(arrivals),
    bounds: {
      duration_ms: bounds.durationMs,
      max_requests: bounds.maxRequests,
      max_in_flight: bounds.maxInFlight,
      drain_ms: bounds.drainMs,
    },
    took_ms: tookMs,
    sent: tally.sent,
    good: tally.good,
    errors: failureCount(tally),
    errors_by_code: Object.fromEntries([...tally.failures].sort()),
    cut_off: tally.cutOff,
    good_per_second: goodPerSecond(run),
    latency_ms: toFigures(tally.latencies),
    since_sent_ms: toFigures(tally.sinceSent),
    error_latency_ms: toFigures(tally.failureLatencies),
    sent_late_ms: toFigures(tally.lateness),
    percentiles: tally.latencies.count() === 0 ? [] : shownQuantiles.map((at) => ({ at, ms: tally.latencies.at(at)! })),
    stages_ms: Object.fromEntries([...tally.stages].map(([stage, times]) => [stage, toFigures(times)])),
    caches: Object.fromEntries(tally.caches),
    precisions: [...tally.precisions],
    windows: tally.windows.map(({ sent, good, failed, latencies }, place) => ({
      from_ms: place * windowMs,
      offered_per_second: offeredPerSecond(arrivals, {
        fromMs: place * windowMs,
        toMs: Math.min((place + 1) * windowMs, bounds.durationMs),
        durationMs: bounds.durationMs,
      }),
      sent_per_second: (1000 * sent) / windowMs,
      good_per_second: (1000 * good) / windowMs,
      failed_per_second: (1000 * failed) / windowMs,
      p50_ms: latencies.at(0.5),
      p95_ms: latencies.at(0.95),
      p99_ms: latencies.at(0.99),
    })),
  };
}

const shownQuantiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 1];

function toLoad(arrivals: Arrivals) {
  if (arrivals.kind === "closed") return { kind: "closed" as const, callers: arrivals.callers };
  const { fromPerSecond, toPerSecond, spacing } = arrivals;
  return { kind: "open" as const, from_per_second: fromPerSecond, to_per_second: toPerSecond, spacing };
}

/** Of a rising load: what is three times as slow as the beginning, or fails, is beyond it. Null of any other. */
function toKnee(run: LoadRun) {
  const { arrivals, bounds } = run;
  if (arrivals.kind === "closed" || arrivals.toPerSecond <= arrivals.fromPerSecond) return null;
  const rateAt = (middleMs: number) =>
    offeredPerSecond(arrivals, { fromMs: middleMs, toMs: middleMs, durationMs: bounds.durationMs }) ?? 0;
  const burdens = toBurdens(run, kneeQuantile, rateAt);
  const first = burdens.find(({ latencyMs }) => latencyMs !== null)?.latencyMs;
  if (first === undefined || first === null) return null;
  const mostMs = kneeFactor * first;
  const { perSecond, isReached } = findKnee(burdens, { leastGoodShare: kneeGoodShare, quantile: kneeQuantile, mostMs });
  return { per_second: perSecond, is_reached: isReached, most_p95_ms: mostMs };
}

function toCapacity({ idle, steps, sustainedPerSecond, heldShare }: Capacity) {
  const idleFigures: LatencyFigures = toFigures(idle.recorder.tally.latencies);
  return {
    idle_ms: idleFigures,
    steps: steps.map(({ burden, isBorne }) => ({
      per_second: burden.offeredPerSecond,
      good_share: burden.goodShare,
      latency_ms: burden.latencyMs,
      is_borne: isBorne,
    })),
    sustained_per_second: sustainedPerSecond,
    held_share: heldShare,
  };
}

/** Past this the load was not what it says. */
const mostLateMs = 20;

/** What a reader of the figures must know. */
function toNotes({ arrivals, recorder, ended }: LoadRun): readonly string[] {
  const { tally } = recorder;
  const late = tally.lateness.at(0.99) ?? 0;
  const hits = tally.caches.get("hit") ?? 0;
  return [
    ...(ended === "interrupted" ? ["It was interrupted: these are the figures until then."] : []),
    ...(ended === "requests" ? ["It ended at its most requests, before its time."] : []),
    ...(arrivals.kind === "closed"
      ? ["Callers who wait for their answers ask less of a slow service: the times flatter one that stands still."]
      : []),
    ...(late > mostLateMs
      ? [
          `A hundredth of the requests were sent ${late.toFixed(0)} ms late or more: this machine could not keep up with the load.`,
        ]
      : []),
    ...(tally.failures.has("not_sent") ? ["Some requests were not sent: as many as allowed were under way."] : []),
    ...(hits > 0 ? [`${hits} answers came from the service's memory of pictures.`] : []),
  ];
}
