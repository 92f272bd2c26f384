import { type ErrorDetails, ServiceError } from "../domain/errors.js";
import type { Load } from "./batcher.js";

/** What a newcomer has before it, in ms. */
export type Backlog = Readonly<{
  /** Until everything that is there now is done; 0 when nothing is. */
  waitMs: number;
  /** What the newcomer itself takes then. */
  serviceMs: number;
}>;

export const noBacklog: Backlog = { waitMs: 0, serviceMs: 0 };

/** Before the first picture nobody knows; the first second corrects it. */
const unmeasuredMs = 50;

/**
 * From measured throughput: of each stage, the items ahead by the lanes, times the mean service time. Items of an
 * earlier stage come to the later ones as well, and the slowest stage is what holds everybody up.
 */
export function toBacklog(stages: readonly Load[]): Backlog {
  let [ahead, waitMs, serviceMs] = [0, 0, 0];
  for (const { waiting, running, lanes, itemMs } of stages) {
    ahead += waiting + running;
    waitMs = Math.max(waitMs, (ahead / lanes) * (itemMs ?? unmeasuredMs));
    serviceMs += itemMs ?? unmeasuredMs;
  }
  return { waitMs, serviceMs };
}

/** Whole seconds, at least one, after which what is there now will be done. */
export function toRetryAfterSeconds({ waitMs }: Backlog): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}

/** The refusal of a newcomer, which says when to come again. */
export function toOverloaded(details: ErrorDetails, backlog: Backlog): ServiceError {
  return new ServiceError("overloaded", { ...details, retry_after_seconds: toRetryAfterSeconds(backlog) });
}
