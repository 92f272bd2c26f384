import { setMaxListeners } from "node:events";
import type { Response } from "express";
import { ServiceError } from "../domain/errors.js";

/** Both from the request's head on. */
export type RequestLimits = Readonly<{ uploadMs: number; totalMs: number }>;

/** Aborts with `deadline_exceeded` when the upload or the whole takes too long, and as soon as the caller leaves. */
export type RequestSignal = Readonly<{
  signal: AbortSignal;
  /** The body is there: from now on the limit of the whole alone counts. */
  uploaded: () => void;
  /** The answer is made. */
  end: () => void;
}>;

export function startRequestSignal(response: Response, { uploadMs, totalMs }: RequestLimits): RequestSignal {
  const controller = new AbortController();
  // Every record of a body with many listens, and each of its steps.
  setMaxListeners(0, controller.signal);
  const abortAfter = (limitMs: number) =>
    setTimeout(() => controller.abort(new ServiceError("deadline_exceeded", { limit_ms: limitMs })), limitMs);
  const total = abortAfter(totalMs);
  const upload = abortAfter(Math.min(uploadMs, totalMs));
  const leave = () => controller.abort();
  response.once("close", leave);
  return {
    signal: controller.signal,
    uploaded: () => clearTimeout(upload),
    end: () => {
      clearTimeout(total);
      clearTimeout(upload);
      response.off("close", leave);
    },
  };
}
