import type { ErrorCode } from "../src/domain/errors.js";

/** What can go wrong between a caller and the service, beside the service's own codes. */
export type ClientCode =
  | "no_answer"
  | "answer_malformed"
  | "answer_too_large"
  | "body_too_large_for_sync"
  | "body_too_large_for_async"
  | "model_failed"
  | "throttled"
  | "platform_refused"
  | "platform_failed"
  | "identity_missing"
  | "identity_refused"
  | "storage_failed"
  | "async_timed_out";

/** `http_502` and the like: an answer that is none of the service's, such as a proxy's. */
export type InvokeCode = ErrorCode | ClientCode | `http_${number}`;

export type InvokeFailure = Readonly<{
  code: InvokeCode;
  message: string;
  /** Of the HTTP answer, the model's own behind an endpoint; 0 where the answer never came, null where nothing was sent. */
  status: number | null;
  /** Whether the same request may well succeed later. */
  isRetryable: boolean;
  /** How long the service asks to be left alone, where it says. */
  retryAfterMs?: number | null;
  cause?: unknown;
}>;

/** The client's only error class. An abort is none of it: the signal's own reason is thrown then. */
export class InvokeError extends Error {
  override readonly name = "InvokeError";
  readonly code: InvokeCode;
  readonly status: number | null;
  readonly isRetryable: boolean;
  readonly retryAfterMs: number | null;
  constructor({ code, message, status, isRetryable, retryAfterMs = null, cause }: InvokeFailure) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.isRetryable = isRetryable;
    this.retryAfterMs = retryAfterMs;
  }
}
