import type { Response } from "express";
import type { ServiceError } from "../domain/errors.js";
import type { LogFields } from "../serving/log.js";

/** What is known of a request by the time its line is logged. */
export type Trace = {
  readonly id: string;
  failure: ServiceError | null;
  /** What the handler adds to the line. */
  fields: LogFields;
};

/** Gives the answer its trace. */
export function startTrace(response: Response): Trace {
  const trace: Trace = { id: crypto.randomUUID(), failure: null, fields: {} };
  response.locals.trace = trace;
  return trace;
}

/** @throws RangeError when `startTrace` was not called: the route table's bug. */
export function traceOf(response: Response): Trace {
  const trace: Trace | undefined = response.locals.trace;
  if (trace === undefined) throw new RangeError("the answer has no trace");
  return trace;
}
