import { parentPort, type Transferable } from "node:worker_threads";
import { type ErrorCode, type ErrorDetails, ServiceError } from "../domain/errors.js";

/** Everything that goes from the pool to a worker. A worker has at most one request at a time. */
export type ToWorker<Request> =
  | Readonly<{ kind: "request"; id: number; request: Request }>
  | Readonly<{ kind: "stop" }>;

/** Everything that comes back. `ready` is sent once; each request gets exactly one of the others. */
export type FromWorker<Reply> =
  | Readonly<{ kind: "ready" }>
  | Readonly<{ kind: "replied"; id: number; reply: Reply }>
  | Readonly<{ kind: "refused"; id: number; code: ErrorCode; details: ErrorDetails; reason: string }>
  | Readonly<{ kind: "failed"; id: number; reason: string }>;

/** What a worker answers, and the buffers in it that move instead of being copied. */
export type Answer<Reply> = Readonly<{ reply: Reply; transfer?: readonly Transferable[] }>;

/**
 * The worker's half of a pool: says it is ready, then answers requests until told to stop.
 * Load what the thread needs before calling this; requests wait until then.
 * A `ServiceError` keeps its code across the thread; anything else thrown becomes a `failed` reply.
 * @throws RangeError on the main thread: a caller's bug.
 */
export function serveRequests<Request, Reply>(
  answer: (request: Request) => Answer<Reply> | Promise<Answer<Reply>>,
): void {
  const port = parentPort;
  if (port === null) throw new RangeError("serveRequests belongs in a worker thread");
  const send = (message: FromWorker<Reply>, transfer: readonly Transferable[] = []) =>
    port.postMessage(message, transfer);

  port.on("message", async (message: ToWorker<Request>) => {
    // Closing the port lets the thread end by itself, with native code at rest; terminating would cut into it.
    if (message.kind === "stop") return port.close();
    const { id } = message;
    try {
      const { reply, transfer } = await answer(message.request);
      send({ kind: "replied", id, reply }, transfer);
    } catch (error) {
      send(toFailure(id, error));
    }
  });
  // A request that cannot be read has no id to answer to; dying is what makes the pool fail its caller.
  port.on("messageerror", (error) => {
    throw error;
  });
  send({ kind: "ready" });
}

function toFailure(id: number, error: unknown): FromWorker<never> {
  if (!(error instanceof ServiceError)) return { kind: "failed", id, reason: reasonOf(error) };
  const { code, details, cause } = error;
  return { kind: "refused", id, code, details, reason: cause === undefined ? error.message : reasonOf(cause) };
}

/** One line that says what went wrong, for the log; never shown to a caller. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
