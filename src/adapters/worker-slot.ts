import { type Transferable, Worker } from "node:worker_threads";
import { ServiceError } from "../domain/errors.js";
import { type FromWorker, reasonOf, type ToWorker } from "./worker-port.js";

/** One request and the promise that waits for its reply. Settling twice is harmless: the first counts. */
export type Call<Request, Reply> = Readonly<{
  request: Request;
  transfer: readonly Transferable[];
  resolve: (reply: Reply) => void;
  reject: (reason: unknown) => void;
}>;

export type SlotEvents = Readonly<{
  /** The worker is ready for its first request. */
  started: () => void;
  /** A reply came, so the worker is free again. */
  replied: () => void;
  /** The thread is gone, and with it the call it was busy with, if any: failing it is the listener's part. */
  ended: (reason: string, lostCall: Pick<Call<unknown, unknown>, "reject"> | null) => void;
  /** The error for a request whose answer failed with something other than a `ServiceError`. */
  toError: (reason: string) => Error;
}>;

/** The main thread's side of one worker thread. */
export type WorkerSlot<Request, Reply> = Readonly<{
  isReady: () => boolean;
  isFree: () => boolean;
  /** Sends a request to a free worker. */
  give: (call: Call<Request, Reply>) => void;
  /** Asks the thread to end; it does once it is at rest. */
  stop: () => void;
  /** Cuts the thread off. */
  kill: () => void;
  ended: Promise<unknown>;
}>;

/** Starts one thread. It keeps the process alive while it starts or works, not while it is idle. */
export function startWorkerSlot<Request, Reply>(
  script: URL,
  startData: unknown,
  events: SlotEvents,
): WorkerSlot<Request, Reply> {
  const worker = new Worker(script, { workerData: startData });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  let ready = false;
  let lastId = 0;
  let busyWith: Call<Request, Reply> | null = null;
  let error: unknown = null;

  worker.on("message", (message: FromWorker<Reply>) => {
    worker.unref();
    if (message.kind === "ready") {
      ready = true;
      return events.started();
    }
    if (busyWith === null || message.id !== lastId) return;
    const call = busyWith;
    busyWith = null;
    settle(call, message, events.toError);
    events.replied();
  });
  // A reply that cannot be read leaves its caller without an answer; ending the thread gives it one.
  worker.on("messageerror", (unreadable) => {
    error ??= unreadable;
    void worker.terminate();
  });
  worker.on("error", (thrown) => {
    error ??= thrown;
  });
  worker.on("exit", (code) => {
    ready = false;
    events.ended(error === null ? `the worker ended with code ${code}` : reasonOf(error), busyWith);
  });

  return {
    isReady: () => ready,
    isFree: () => ready && busyWith === null,
    give: (call) => {
      if (post(worker, ++lastId, call)) busyWith = call;
    },
    stop: () => worker.postMessage({ kind: "stop" } satisfies ToWorker<Request>),
    kill: () => void worker.terminate(),
    ended,
  };
}

/** Whether the request has left. What cannot be cloned never does: the caller's bug, and the worker stays free. */
function post<Request, Reply>(worker: Worker, id: number, call: Call<Request, Reply>): boolean {
  const message: ToWorker<Request> = { kind: "request", id, request: call.request };
  try {
    worker.postMessage(message, call.transfer);
  } catch (error) {
    call.reject(error);
    return false;
  }
  worker.ref();
  return true;
}

function settle<Reply>(
  call: Pick<Call<unknown, Reply>, "resolve" | "reject">,
  message: Exclude<FromWorker<Reply>, { kind: "ready" }>,
  toError: SlotEvents["toError"],
): void {
  if (message.kind === "replied") call.resolve(message.reply);
  else if (message.kind === "failed") call.reject(toError(message.reason));
  else call.reject(new ServiceError(message.code, message.details, new Error(message.reason)));
}
