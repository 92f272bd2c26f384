import type { AsyncTicket } from "./async-submitter.js";
import { InvokeError } from "./invoke-error.js";
import { parseS3Location, type S3Location, type S3Store } from "./s3-store.js";
import { maxMessageCharacters } from "./service-failure.js";
import type { Waiting } from "./waiting.js";

export type CollectParts = Readonly<{
  store: S3Store;
  waiting: Waiting;
  signal: AbortSignal;
  /** After this many ms without an answer it is given up; the service works on. */
  deadlineMs: number;
  /** Called after each look that found nothing, with the ms so far. */
  onPending?: ((waitedMs: number) => void) | undefined;
}>;

/** A warm endpoint answers within a second; one at zero instances takes minutes, and S3 bills each look. */
const [firstWaitMs, maxWaitMs, waitGrowth] = [400, 15_000, 1.5];

/**
 * Looks where the ticket says, answer first, until one of the two is there.
 * @throws InvokeError `async_timed_out`, `model_failed` with the failure's text, or what S3 said; the signal's reason
 */
export async function collectAnswer(ticket: AsyncTicket, parts: CollectParts): Promise<Uint8Array> {
  const { store, waiting, signal, deadlineMs, onPending } = parts;
  const output = requireLocation(ticket.outputLocation);
  const failure = ticket.failureLocation === null ? null : requireLocation(ticket.failureLocation);
  const startedAt = waiting.now();
  for (let stepMs = firstWaitMs; ; stepMs = Math.min(stepMs * waitGrowth, maxWaitMs)) {
    const answer = await look(store, output, signal);
    if (answer instanceof Uint8Array) return answer;
    const reason = failure === null ? 404 : await look(store, failure, signal);
    if (reason instanceof Uint8Array) throw toModelFailure(new TextDecoder().decode(reason));
    const waitedMs = waiting.now() - startedAt;
    const leftMs = deadlineMs - waitedMs;
    if (leftMs <= 0) throw toTimeout(ticket, deadlineMs, [answer, reason]);
    onPending?.(waitedMs);
    await waiting.sleep(Math.min(stepMs * (0.75 + waiting.random() / 2), leftMs), signal);
  }
}

type Missing = 403 | 404 | InvokeError;

/** What is there, or why it is not; a failure of S3 that may pass is one more reason to look again. */
async function look(store: S3Store, location: S3Location, signal: AbortSignal): Promise<Uint8Array | Missing> {
  try {
    return await store.get(location, signal);
  } catch (error) {
    if (error instanceof InvokeError && error.isRetryable) return error;
    throw error;
  }
}

function requireLocation(text: string): S3Location {
  const location = parseS3Location(text);
  if (location !== null) return location;
  const message = `the endpoint named ${JSON.stringify(text)}, which is no place in S3`;
  throw new InvokeError({ code: "answer_malformed", message, status: null, isRetryable: false });
}

/** A failed question has used up whatever the platform does for it: asking again is a new question. */
function toModelFailure(text: string): InvokeError {
  const status = /\((\d{1,3})\) from/.exec(text)?.[1];
  const cut = text.slice(0, maxMessageCharacters).trim();
  return new InvokeError({
    code: "model_failed",
    message: cut || "the endpoint wrote a failure without a word",
    status: status === undefined ? null : Number(status),
    isRetryable: false,
  });
}

function toTimeout({ outputLocation }: AsyncTicket, deadlineMs: number, last: readonly Missing[]): InvokeError {
  const rights = last.includes(403)
    ? "; S3 answered 403, so it may be there and hidden: s3:GetObject and s3:ListBucket tell"
    : "";
  const failure = last.find((each) => each instanceof InvokeError);
  const trouble = failure === undefined ? "" : `; ${failure.message}`;
  const message = `no answer within ${deadlineMs / 1000} s; it may still come to ${outputLocation}${rights}${trouble}`;
  return new InvokeError({ code: "async_timed_out", message, status: null, isRetryable: false, cause: failure });
}
