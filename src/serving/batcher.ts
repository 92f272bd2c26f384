import { ServiceError } from "../domain/errors.js";
import type { Now } from "./clock.js";

/** Who waits: a person for one answer, or a job for many. */
export type Urgency = "interactive" | "batch";

/** What became of one item. */
export type Settled<Result> = Readonly<{ value: Result }> | Readonly<{ error: unknown }>;

/** What one batch was, for metrics. Durations in ms; `waitsMs` has one entry for each item. */
export type BatchReport = Readonly<{ size: number; waitsMs: readonly number[]; runMs: number; failed: boolean }>;

/** How much there is to do. `itemMs` is what an item takes a lane, as measured; null before the first one. */
export type Load = Readonly<{ waiting: number; running: number; lanes: number; itemMs: number | null }>;

export type BatcherOptions<Item, Result> = Readonly<{
  /** As many outcomes as items, in order. What it throws fails the whole batch, and only that batch. */
  run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>;
  /** At least 1. Asked before each batch: both may change when another device takes over. */
  maxBatch: () => number;
  /** Batches that may run at once: one for each worker. */
  lanes: () => number;
  now: Now;
  report?: (batch: BatchReport) => void;
}>;

/** Groups what waits for a worker. There is no timer: a batch leaves as soon as a lane is free. */
export type Batcher<Item, Result> = Readonly<{
  /**
   * Resolves with this item's own result.
   * @throws ServiceError `shutting_down` after close; the signal's reason as soon as it is aborted: an item that waits
   *   is then never run; otherwise the item's own error, or whatever `run` threw for its batch.
   */
  submit: (item: Item, signal: AbortSignal, urgency?: Urgency) => Promise<Result>;
  load: () => Load;
  /** Takes no more work; resolves when everything accepted has settled. */
  close: () => Promise<void>;
}>;

/**
 * A job's item that has waited this long goes before interactive ones, though never two of them in a row: a job comes
 * forward at half speed or better, and an interactive caller waits at most twice as long for it.
 */
export const agedAfterMs = 2000;

/** Weight of the newest batch in the mean: a change of pace shows after a handful, one hiccup does not count for much. */
const newestShare = 1 / 8;

type Waiting<Item, Result> = Readonly<{
  item: Item;
  since: number;
  urgency: Urgency;
  resolve: (result: Result) => void;
  reject: (reason: unknown) => void;
}>;

type State<Item, Result> = {
  readonly options: BatcherOptions<Item, Result>;
  readonly queues: Readonly<Record<Urgency, Waiting<Item, Result>[]>>;
  readonly idleWaiters: (() => void)[];
  runningBatches: number;
  runningItems: number;
  itemMs: number | null;
  /** Whether the last item taken was a job's that had aged. */
  tookAged: boolean;
  willDispatch: boolean;
  isClosed: boolean;
};

export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const state: State<Item, Result> = {
    options,
    queues: { interactive: [], batch: [] },
    idleWaiters: [],
    ...{ runningBatches: 0, runningItems: 0, itemMs: null, tookAged: false, willDispatch: false, isClosed: false },
  };
  return {
    submit: (item, signal, urgency = "interactive") => submit(state, item, signal, urgency),
    load: () => ({
      waiting: countWaiting(state),
      running: state.runningItems,
      lanes: options.lanes(),
      itemMs: state.itemMs,
    }),
    close: () => {
      state.isClosed = true;
      return new Promise((resolve) => {
        state.idleWaiters.push(resolve);
        wakeWhenIdle(state);
      });
    },
  };
}

function submit<Item, Result>(
  state: State<Item, Result>,
  item: Item,
  signal: AbortSignal,
  urgency: Urgency,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (state.isClosed) return reject(new ServiceError("shutting_down"));
    if (signal.aborted) return reject(signal.reason);
    const queue = state.queues[urgency];
    const forget = () => signal.removeEventListener("abort", leave);
    const waiting: Waiting<Item, Result> = {
      ...{ item, urgency, since: state.options.now() },
      resolve: (result) => {
        forget();
        resolve(result);
      },
      reject: (reason) => {
        forget();
        reject(reason);
      },
    };
    function leave(): void {
      const place = queue.indexOf(waiting);
      if (place >= 0) queue.splice(place, 1);
      waiting.reject(signal.reason);
      wakeWhenIdle(state);
    }
    signal.addEventListener("abort", leave, { once: true });
    queue.push(waiting);
    dispatchSoon(state);
  });
}

/** After this turn, so that what is handed in together can leave together. */
function dispatchSoon<Item, Result>(state: State<Item, Result>): void {
  if (state.willDispatch) return;
  state.willDispatch = true;
  queueMicrotask(() => {
    state.willDispatch = false;
    dispatch(state);
  });
}

/** Free lanes split what waits evenly: two lanes and six items are two batches of three. */
function dispatch<Item, Result>(state: State<Item, Result>): void {
  const { lanes, maxBatch } = state.options;
  for (let free = lanes() - state.runningBatches; free > 0 && countWaiting(state) > 0; free--) {
    const size = Math.min(Math.ceil(countWaiting(state) / free), maxBatch());
    const batch = Array.from({ length: size }, () => take(state));
    state.runningBatches++;
    state.runningItems += size;
    void runBatch(state, batch).finally(() => {
      state.runningBatches--;
      state.runningItems -= size;
      dispatch(state);
      wakeWhenIdle(state);
    });
  }
}

function wakeWhenIdle<Item, Result>(state: State<Item, Result>): void {
  if (countWaiting(state) === 0 && state.runningBatches === 0) for (const wake of state.idleWaiters.splice(0)) wake();
}

/** The next item; there is one. */
function take<Item, Result>(state: State<Item, Result>): Waiting<Item, Result> {
  const { interactive, batch } = state.queues;
  const oldest = batch[0];
  const isAged = oldest !== undefined && state.options.now() - oldest.since >= agedAfterMs;
  state.tookAged = interactive.length > 0 && isAged && !state.tookAged;
  const isBatchTurn = interactive.length === 0 || state.tookAged;
  return (isBatchTurn ? batch : interactive).shift()!;
}

async function runBatch<Item, Result>(
  state: State<Item, Result>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
  const { now, run, report } = state.options;
  const startedAt = now();
  const outcome = await settle(() => run(batch.map(({ item }) => item)));
  const outcomes = "error" in outcome ? batch.map(() => outcome) : outcome.value;
  const runMs = now() - startedAt;
  // A run that failed may have ended early, and says nothing of how long one takes.
  if ("value" in outcome) measure(state, runMs / batch.length);
  const waitsMs = batch.map(({ since }) => startedAt - since);
  report?.({ size: batch.length, waitsMs, runMs, failed: "error" in outcome });
  const isWhole = outcomes.length === batch.length;
  for (const [i, waiting] of batch.entries()) {
    const own = isWhole ? outcomes[i]! : { error: toCountError(outcomes.length, batch.length) };
    if ("error" in own) waiting.reject(own.error);
    else waiting.resolve(own.value);
  }
}

async function settle<Result>(work: () => Promise<Result>): Promise<Settled<Result>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** Nobody could say which result belongs to whom. */
function toCountError(found: number, wanted: number): RangeError {
  return new RangeError(`a batch of ${wanted} gave ${found} results`);
}

function measure<Item, Result>(state: State<Item, Result>, itemMs: number): void {
  const before = state.itemMs;
  state.itemMs = before === null ? itemMs : before + (itemMs - before) * newestShare;
}

function countWaiting<Item, Result>({ queues }: State<Item, Result>): number {
  return queues.interactive.length + queues.batch.length;
}
