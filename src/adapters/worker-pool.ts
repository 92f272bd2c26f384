import type { Transferable } from "node:worker_threads";
import { type Call, startWorkerSlot, type WorkerSlot } from "./worker-slot.js";

/**
 * Why a call got no reply of its worker's own making; `reason` is for the log.
 * `failed`: the worker threw. `lost`: its thread died. `exhausted`: no thread is left. `closed`: the pool was closed.
 */
export type PoolFailure = Readonly<{ kind: "failed" | "lost" | "exhausted" | "closed"; reason: string }>;

/** A thread that ended unasked. With no restarts left it is not replaced. */
export type WorkerLost = Readonly<{ reason: string; wasBusy: boolean; restartsLeft: number }>;

export type WorkerPoolOptions = Readonly<{
  /** The compiled script; it ends its own start-up by calling `serveRequests`. */
  script: URL;
  size: number;
  /** Every worker's `workerData`, or what gives it by the worker's place, from 0; a replacement takes the place. */
  startData?: unknown | ((place: number) => unknown);
  /** Threads replaced in a row before the pool shrinks; every thousand replies earn one back. */
  maxRestarts: number;
  /** How long `close` lets a running call go on before its thread is cut off. */
  closeGraceMs?: number;
  /** What the adapter's caller shall see. */
  toError: (failure: PoolFailure) => Error;
  report?: (lost: WorkerLost) => void;
}>;

export type CallOptions = Readonly<{ transfer?: readonly Transferable[]; signal?: AbortSignal }>;

/** Threads of one script, one request at a time each; requests beyond that wait in order. */
export type WorkerPool<Request, Reply> = Readonly<{
  /**
   * @throws ServiceError that the worker threw; `toError`'s error when it failed otherwise, died or was closed;
   *   the signal's reason when aborted: a waiting request is then never sent, a running one's reply is dropped.
   */
  call: (request: Request, options?: CallOptions) => Promise<Reply>;
  /** Resolves when every worker is ready. @throws `toError`'s error when none is left. */
  started: () => Promise<void>;
  /** Workers ready for calls, busy ones included; a replacement counts once it is ready. */
  alive: () => number;
  /** No worker is left, none starts and none will: the restarts are used up. Never of a pool that was closed. */
  isExhausted: () => boolean;
  /** Requests not yet given to a worker. */
  waiting: () => number;
  /** Refuses waiting requests, lets running ones finish within the grace, ends the threads. Idempotent. */
  close: () => Promise<void>;
}>;

/** A process that loses a thread a week is never worn out; one that loses every hundredth call soon is. */
const repliesPerRestart = 1000;
const defaultCloseGraceMs = 5000;

type Waiter = Readonly<{ resolve: () => void; reject: (reason: unknown) => void }>;
type Pool<Request, Reply> = {
  readonly options: WorkerPoolOptions;
  readonly slots: Set<WorkerSlot<Request, Reply>>;
  readonly queue: Call<Request, Reply>[];
  readonly startWaiters: Waiter[];
  restartBudget: number;
  lastLoss: string;
  closed: boolean;
};

/** Starts the threads at once; calls may be made before they are ready. Idle threads do not keep the process alive. */
export function createWorkerPool<Request, Reply>(options: WorkerPoolOptions): WorkerPool<Request, Reply> {
  if (!(options.size >= 1)) throw new RangeError(`a pool has at least one worker, not ${options.size}`);
  const pool: Pool<Request, Reply> = {
    options,
    slots: new Set(),
    queue: [],
    startWaiters: [],
    restartBudget: options.maxRestarts,
    lastLoss: "",
    closed: false,
  };
  let closing: Promise<void> | null = null;
  while (pool.slots.size < options.size) addWorker(pool, pool.slots.size);
  return {
    call: (request, callOptions = {}) => submit(pool, request, callOptions),
    started: () =>
      new Promise((resolve, reject) => {
        pool.startWaiters.push({ resolve, reject });
        settleStart(pool);
      }),
    alive: () => [...pool.slots].filter((slot) => slot.isReady()).length,
    isExhausted: () => pool.slots.size === 0 && !pool.closed,
    waiting: () => pool.queue.length,
    close: () => {
      closing ??= closeWorkers(pool);
      return closing;
    },
  };
}

function addWorker<Request, Reply>(pool: Pool<Request, Reply>, place: number): void {
  const { script, startData, toError } = pool.options;
  const ownData = typeof startData === "function" ? startData(place) : startData;
  const slot = startWorkerSlot<Request, Reply>(script, ownData, {
    toError: (reason) => toError({ kind: "failed", reason }),
    started: () => {
      settleStart(pool);
      giveOutWork(pool);
    },
    replied: () => {
      pool.restartBudget = Math.min(pool.options.maxRestarts, pool.restartBudget + 1 / repliesPerRestart);
      if (pool.closed) slot.stop();
      else giveOutWork(pool);
    },
    ended: (reason, lostCall) => {
      pool.slots.delete(slot);
      lostCall?.reject(toError({ kind: pool.closed ? "closed" : "lost", reason }));
      if (!pool.closed) replaceWorker(pool, place, { reason, wasBusy: lostCall !== null });
      settleStart(pool);
    },
  });
  pool.slots.add(slot);
}

function replaceWorker<Request, Reply>(
  pool: Pool<Request, Reply>,
  place: number,
  { reason, wasBusy }: Pick<WorkerLost, "reason" | "wasBusy">,
): void {
  pool.lastLoss = reason;
  if (pool.restartBudget >= 1) {
    pool.restartBudget--;
    addWorker(pool, place);
  }
  pool.options.report?.({ reason, wasBusy, restartsLeft: Math.floor(pool.restartBudget) });
  if (pool.slots.size === 0) refuseWaiting(pool);
}

function submit<Request, Reply>(pool: Pool<Request, Reply>, request: Request, options: CallOptions): Promise<Reply> {
  const { transfer = [], signal } = options;
  return new Promise<Reply>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const forget = () => signal?.removeEventListener("abort", leave);
    const call: Call<Request, Reply> = {
      request,
      transfer,
      resolve: (reply) => {
        forget();
        resolve(reply);
      },
      reject: (reason) => {
        forget();
        reject(reason);
      },
    };
    function leave(): void {
      const place = pool.queue.indexOf(call);
      if (place >= 0) pool.queue.splice(place, 1);
      call.reject(signal?.reason);
    }
    signal?.addEventListener("abort", leave);
    pool.queue.push(call);
    if (pool.closed || pool.slots.size === 0) refuseWaiting(pool);
    else giveOutWork(pool);
  });
}

/** By turns: whoever has just been given work comes last, so that work and heat are spread over devices. */
function giveOutWork<Request, Reply>(pool: Pool<Request, Reply>): void {
  for (const slot of [...pool.slots]) {
    // A request that cannot be sent leaves its worker free for the next one.
    while (slot.isFree() && pool.queue.length > 0) {
      slot.give(pool.queue.shift()!);
      pool.slots.delete(slot);
      pool.slots.add(slot);
    }
  }
}

function refuseWaiting<Request, Reply>(pool: Pool<Request, Reply>): void {
  for (const call of pool.queue.splice(0)) call.reject(noWorkers(pool));
}

function noWorkers<Request, Reply>(pool: Pool<Request, Reply>): Error {
  const { toError } = pool.options;
  if (pool.closed) return toError({ kind: "closed", reason: "the pool is closed" });
  return toError({ kind: "exhausted", reason: `no worker is left; the last one's end: ${pool.lastLoss}` });
}

function settleStart<Request, Reply>(pool: Pool<Request, Reply>): void {
  const slots = [...pool.slots];
  if (slots.some((slot) => !slot.isReady())) return;
  for (const waiter of pool.startWaiters.splice(0)) {
    if (slots.length > 0) waiter.resolve();
    else waiter.reject(noWorkers(pool));
  }
}

async function closeWorkers<Request, Reply>(pool: Pool<Request, Reply>): Promise<void> {
  const slots = [...pool.slots];
  pool.closed = true;
  refuseWaiting(pool);
  const grace = setTimeout(() => {
    for (const slot of slots) slot.kill();
  }, pool.options.closeGraceMs ?? defaultCloseGraceMs);
  for (const slot of slots) {
    // A busy worker is told after its reply, so that the thread never ends with native work in flight.
    if (slot.isFree() || !slot.isReady()) slot.stop();
  }
  await Promise.all(slots.map((slot) => slot.ended));
  clearTimeout(grace);
}
