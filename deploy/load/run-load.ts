import { setMaxListeners } from "node:events";
import { InvokeError } from "../../client/invoke-error.js";
import type { Waiting } from "../../client/waiting.js";
import { type Arrivals, type ClosedArrivals, type OpenArrivals, toDueTimes } from "./arrivals.js";
import { type Answer, createRecorder, type Recorder } from "./recorder.js";

/** What a run never exceeds. */
export type LoadBounds = Readonly<{
  /** No request is due after it. */
  durationMs: number;
  maxRequests: number;
  /** Requests that may be under way at once; what is due beyond counts as `not_sent`. */
  maxInFlight: number;
  /** How long answers may come after the duration; what is then under way counts as `unanswered`. */
  drainMs: number;
}>;

export type LoadParts = Readonly<{
  /** Asks once. @throws InvokeError */
  ask: (signal: AbortSignal) => Promise<Answer>;
  waiting: Waiting;
  /** Ends the run with what there is. */
  signal: AbortSignal;
  /** Sees the recorder before the first request. */
  onStart?: ((recorder: Recorder) => void) | undefined;
}>;

export type LoadRun = Readonly<{
  arrivals: Arrivals;
  bounds: LoadBounds;
  recorder: Recorder;
  /** From the first request to the last answer, in ms. */
  tookMs: number;
  ended: "done" | "requests" | "interrupted";
}>;

const sentBetweenRests = 32;

/** One span of load. Resolves for whatever the service does. @throws what `ask` throws beside InvokeError: a bug */
export async function runLoad(arrivals: Arrivals, bounds: LoadBounds, parts: LoadParts): Promise<LoadRun> {
  const { waiting, signal, onStart } = parts;
  const recorder = createRecorder(bounds.durationMs);
  onStart?.(recorder);
  const crew = createCrew(bounds, parts, recorder);
  const stop = () => crew.cut("interrupted");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await (arrivals.kind === "open"
      ? sendOpen(arrivals, bounds, waiting, crew)
      : sendClosed(arrivals, bounds, waiting, crew));
    await crew.drain();
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const isFull = recorder.tally.sent >= bounds.maxRequests;
  const ended = signal.aborted ? "interrupted" : isFull ? "requests" : "done";
  return { arrivals, bounds, recorder, tookMs: crew.elapsedMs(), ended };
}

/** Those who are asking, and what they share. */
type Crew = Readonly<{
  elapsedMs: () => number;
  /** Aborts when nobody shall ask any more. */
  signal: AbortSignal;
  isFree: () => boolean;
  /** Asks, and records what becomes of it; never rejects. */
  ask: (dueMs: number) => Promise<void>;
  skip: (dueMs: number) => void;
  cut: (why: "interrupted" | "late") => void;
  drain: () => Promise<void>;
}>;

function createCrew(bounds: LoadBounds, { ask, waiting }: LoadParts, recorder: Recorder): Crew {
  const startedAt = waiting.now();
  const elapsedMs = () => waiting.now() - startedAt;
  const controller = new AbortController();
  // Each request under way listens, and there may be thousands.
  setMaxListeners(0, controller.signal);
  const underWay = new Set<Promise<void>>();
  let why: "interrupted" | "late" | null = null;
  let bug: unknown = null;
  const cut: Crew["cut"] = (reason) => {
    why ??= reason;
    controller.abort(new Error(reason));
  };
  const askOne = async (dueMs: number) => {
    const sentMs = elapsedMs();
    recorder.sent(dueMs, sentMs - dueMs);
    try {
      const answer = await ask(controller.signal);
      const doneMs = elapsedMs();
      recorder.answered(dueMs, { latencyMs: doneMs - dueMs, sinceSentMs: doneMs - sentMs }, answer);
    } catch (error) {
      const latencyMs = elapsedMs() - dueMs;
      if (why === "interrupted") return recorder.cutOff();
      if (why === "late") return recorder.failed(dueMs, "unanswered", latencyMs);
      if (error instanceof InvokeError) return recorder.failed(dueMs, error.code, latencyMs);
      bug ??= error;
      cut("interrupted");
    }
  };
  return {
    elapsedMs,
    signal: controller.signal,
    isFree: () => underWay.size < bounds.maxInFlight,
    ask: (dueMs) => {
      const work = askOne(dueMs).finally(() => underWay.delete(work));
      underWay.add(work);
      return work;
    },
    skip: (dueMs) => recorder.failed(dueMs, "not_sent", 0),
    cut,
    drain: async () => {
      const all = Promise.all(underWay);
      const patience = new AbortController();
      const leftMs = bounds.durationMs + bounds.drainMs - elapsedMs();
      const late = waiting.sleep(Math.max(0, leftMs), patience.signal).then(
        () => cut("late"),
        () => {},
      );
      await Promise.race([all, late]);
      patience.abort(new Error("answered"));
      // Those who are cut settle at once.
      await Promise.all([all, late]);
      if (bug !== null) throw bug;
    },
  };
}

async function sendOpen(arrivals: OpenArrivals, bounds: LoadBounds, waiting: Waiting, crew: Crew): Promise<void> {
  let count = 0;
  for (const dueMs of toDueTimes(arrivals, bounds.durationMs, waiting.random)) {
    if (count++ >= bounds.maxRequests) return;
    const waitMs = dueMs - crew.elapsedMs();
    // Whoever is behind sends at once, but lets answers in between, or it would only fall back further.
    const mustRest = waitMs > 0 || count % sentBetweenRests === 0;
    if (mustRest && !(await slept(waiting, Math.max(0, waitMs), crew.signal))) return;
    if (crew.signal.aborted) return;
    const isInTime = crew.elapsedMs() < bounds.durationMs + bounds.drainMs;
    if (isInTime && crew.isFree()) void crew.ask(dueMs);
    else crew.skip(dueMs);
  }
}

/** Whether nobody interrupted. */
async function slept(waiting: Waiting, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await waiting.sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

async function sendClosed(
  { callers }: ClosedArrivals,
  bounds: LoadBounds,
  waiting: Waiting,
  crew: Crew,
): Promise<void> {
  let left = bounds.maxRequests;
  const call = async () => {
    while (left > 0 && !crew.signal.aborted && crew.elapsedMs() < bounds.durationMs) {
      left -= 1;
      await crew.ask(crew.elapsedMs());
    }
  };
  // Callers who are still waiting at the end are left to the drain.
  const timer = new AbortController();
  const work = Promise.all(Array.from({ length: Math.min(callers, bounds.maxInFlight) }, call));
  const over = waiting.sleep(bounds.durationMs, timer.signal).catch(() => {});
  await Promise.race([work, over]);
  timer.abort(new Error("done"));
  await over;
}
