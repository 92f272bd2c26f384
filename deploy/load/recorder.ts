import { createLatencies, type Latencies } from "./latencies.js";

/** What one answer tells beside its time. */
export type Answer = Readonly<{
  /** In ms, by the service's own names; empty where it does not say. */
  stagesMs: Readonly<Record<string, number>>;
  /** `hit`, `miss` or `joined`; null where it does not say. */
  cache: string | null;
  precision: string | null;
}>;

/** Of the requests that were due in one span. */
export type WindowTally = {
  sent: number;
  good: number;
  failed: number;
  latencies: Latencies;
};

/** Everything that a run adds up. Times are from when a request was due unless a name says otherwise. */
export type Tally = {
  sent: number;
  good: number;
  /** By code; `not_sent` and `unanswered` are ours. */
  failures: Map<string, number>;
  /** Under way when the run was interrupted: neither good nor failed. */
  cutOff: number;
  latencies: Latencies;
  /** From when a request was really sent. */
  sinceSent: Latencies;
  failureLatencies: Latencies;
  /** How late requests were sent: the load's own weakness, not the service's. */
  lateness: Latencies;
  stages: Map<string, Latencies>;
  caches: Map<string, number>;
  precisions: Set<string>;
  windows: WindowTally[];
};

/** Adds up what becomes of requests. */
export type Recorder = Readonly<{
  tally: Readonly<Tally>;
  windowMs: number;
  sent: (dueMs: number, lateMs: number) => void;
  answered: (dueMs: number, times: Readonly<{ latencyMs: number; sinceSentMs: number }>, answer: Answer) => void;
  failed: (dueMs: number, code: string, latencyMs: number) => void;
  cutOff: () => void;
}>;

const mostWindows = 120;
const leastWindowMs = 250;

/** For a run of this length: its windows are a second each, or as many as a chart can show. */
export function createRecorder(durationMs: number): Recorder {
  const windowMs = Math.max(leastWindowMs, Math.min(1000, durationMs / 20), durationMs / mostWindows);
  const tally: Tally = {
    sent: 0,
    good: 0,
    failures: new Map(),
    cutOff: 0,
    latencies: createLatencies(),
    sinceSent: createLatencies(),
    failureLatencies: createLatencies(),
    lateness: createLatencies(),
    stages: new Map(),
    caches: new Map(),
    precisions: new Set(),
    windows: [],
  };
  const windowAt = (dueMs: number): WindowTally => {
    const place = Math.floor(dueMs / windowMs);
    while (tally.windows.length <= place) {
      tally.windows.push({ sent: 0, good: 0, failed: 0, latencies: createLatencies(2) });
    }
    return tally.windows[place]!;
  };
  return {
    tally,
    windowMs,
    sent: (dueMs, lateMs) => {
      tally.sent++;
      windowAt(dueMs).sent++;
      tally.lateness.record(lateMs);
    },
    answered: (dueMs, { latencyMs, sinceSentMs }, answer) => {
      tally.good++;
      tally.latencies.record(latencyMs);
      tally.sinceSent.record(sinceSentMs);
      const window = windowAt(dueMs);
      window.good++;
      window.latencies.record(latencyMs);
      addAnswer(tally, answer);
    },
    failed: (dueMs, code, latencyMs) => {
      count(tally.failures, code);
      tally.failureLatencies.record(latencyMs);
      windowAt(dueMs).failed++;
    },
    cutOff: () => {
      tally.cutOff++;
    },
  };
}

function addAnswer(tally: Tally, { stagesMs, cache, precision }: Answer): void {
  for (const [stage, ms] of Object.entries(stagesMs)) {
    const known = tally.stages.get(stage) ?? createLatencies();
    known.record(ms);
    tally.stages.set(stage, known);
  }
  if (cache !== null) count(tally.caches, cache);
  if (precision !== null) tally.precisions.add(precision);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** All that went wrong. */
export function failureCount({ failures }: Readonly<Pick<Tally, "failures">>): number {
  return [...failures.values()].reduce((sum, each) => sum + each, 0);
}
