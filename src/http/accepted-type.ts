import type { Request } from "express";
import { ServiceError } from "../domain/errors.js";
import { type BodyForm, lineTypes, toMediaType } from "./body-form.js";

/**
 * The type of the answer: JSON Lines for JSON Lines, else JSON. No `Accept` or a blank one takes anything. Parameters
 * such as a charset do not matter; a type with `q=0` is not accepted. @throws ServiceError `accept_unsupported`
 */
export function toAcceptedType(request: Request, form: BodyForm): string {
  const produced = form === "lines" ? ownTypeFirst(request) : ["application/json"];
  if (!request.headers.accept?.trim()) return produced[0]!;
  for (const type of request.accepts().map((each) => each.toLowerCase())) {
    if (type === "*/*" || type === "application/*") return produced[0]!;
    if (produced.includes(type)) return type;
  }
  throw new ServiceError("accept_unsupported", { produced: produced.join(", ") });
}

/** A job that joins its input and output wants both in one type. */
function ownTypeFirst({ headers }: Request): readonly string[] {
  const own = toMediaType(headers["content-type"]);
  return [own, ...lineTypes.filter((type) => type !== own)];
}
