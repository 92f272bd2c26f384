import type { Response } from "express";
import { ServiceError } from "../domain/errors.js";

/** Aborts at the deadline with `deadline_exceeded`, and as soon as the caller leaves. `end` when the answer is made. */
export type RequestSignal = Readonly<{ signal: AbortSignal; end: () => void }>;

export function startRequestSignal(response: Response, timeoutMs: number): RequestSignal {
  const controller = new AbortController();
  const deadline = setTimeout(
    () => controller.abort(new ServiceError("deadline_exceeded", { limit_ms: timeoutMs })),
    timeoutMs,
  );
  const leave = () => controller.abort();
  response.once("close", leave);
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(deadline);
      response.off("close", leave);
    },
  };
}
