import type { ErrorRequestHandler } from "express";
import { type ErrorCode, type ErrorDetails, errorCatalog, ServiceError } from "../domain/errors.js";
import { closeAfterRest } from "./read-body.js";
import { sendJson } from "./send.js";
import { traceOf } from "./trace.js";

/** Seconds after which another try is worthwhile, where the failure does not say: a start or a replacement takes a while. */
const waitSeconds: Partial<Record<ErrorCode, number>> = { overloaded: 1, not_ready: 5, shutting_down: 5 };

// SageMaker hands on the first 2,048 characters of an error; this many details of this length stay well inside.
const maxDetails = 8;
const maxDetailCharacters = 150;

/** The only catch-all: a `ServiceError` becomes its status and code, anything else `internal` with nothing shown. */
export const answerErrors: ErrorRequestHandler = (error, request, response, _next) => {
  const failure = error instanceof ServiceError ? error : new ServiceError("internal", {}, error);
  traceOf(response).failure = failure;
  // A caller who has left gets no answer, and one that has begun cannot be taken back.
  if (response.headersSent || response.destroyed) return void response.destroy();
  closeAfterRest(request, response);
  const { status, retryAfterSeconds, body } = toErrorReply(failure);
  if (retryAfterSeconds !== null) response.setHeader("retry-after", retryAfterSeconds);
  sendJson(response, status, body);
};

/** What a caller is told: the code first, so that it survives wherever the text is cut. */
export function toErrorReply({ code, details }: ServiceError) {
  const { status, message, retryable } = errorCatalog[code];
  return {
    status,
    retryAfterSeconds: details.retry_after_seconds ?? waitSeconds[code] ?? null,
    body: { error: { code, message, retryable, details: toShort(details) } },
  };
}

function toShort(details: ErrorDetails): ErrorDetails {
  const entries = Object.entries(details).slice(0, maxDetails);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? shorten(value) : value] as const),
  );
}

/** As JSON writes it a control character takes six, so the written length is what counts. */
function shorten(text: string): string {
  const cut = text.slice(0, maxDetailCharacters);
  const fits = JSON.stringify(cut).length <= maxDetailCharacters + 2;
  const short = fits ? cut : cut.slice(0, maxDetailCharacters / 6);
  return short.length < text.length ? `${short}...` : short;
}
