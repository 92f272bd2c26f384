import { ServiceError } from "../domain/errors.js";

/**
 * The work's outcome within a time limit inside the caller's own. The work's signal tells it to stop; whether it listens
 * or not, nobody waits for it any longer. @throws ServiceError `reference_timeout`; the signal's reason
 */
export function withTimeLimit<T>(
  signal: AbortSignal,
  limitMs: number,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const stop = (reason: unknown) => {
      reject(reason);
      controller.abort(reason);
    };
    if (signal.aborted) return stop(signal.reason);
    const leave = () => stop(signal.reason);
    const limit = setTimeout(() => stop(new ServiceError("reference_timeout", { limit_ms: limitMs })), limitMs);
    signal.addEventListener("abort", leave, { once: true });
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(limit);
        signal.removeEventListener("abort", leave);
      });
  });
}
