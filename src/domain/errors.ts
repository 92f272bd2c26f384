/** How one kind of failure looks to a caller. */
export type ErrorSpec = Readonly<{ status: number; retryable: boolean; message: string }>;

/** Every failure this service can answer with. The README table is checked against this object. */
export const errorCatalog = {
  body_empty: { status: 400, retryable: false, message: "The request body is empty." },
  body_malformed: { status: 400, retryable: false, message: "The request body is not valid for its content type." },
  body_too_large: { status: 413, retryable: false, message: "The request body is larger than the limit." },
  answer_too_large: {
    status: 413,
    retryable: false,
    message: "The answer is larger than the limit; send fewer records.",
  },
  media_type_unsupported: { status: 415, retryable: false, message: "The content type is not supported." },
  image_undecodable: { status: 422, retryable: false, message: "The bytes are not a readable picture." },
  image_too_many_pixels: { status: 422, retryable: false, message: "The picture has more pixels than the limit." },
  option_invalid: { status: 422, retryable: false, message: "A request option is out of range." },
  item_unknown: { status: 422, retryable: false, message: "The catalog has no item with this id." },
  reference_disabled: {
    status: 403,
    retryable: false,
    message: "References of this kind are not enabled on this server.",
  },
  reference_not_allowed: {
    status: 403,
    retryable: false,
    message: "The reference is not one that this server may follow.",
  },
  reference_not_found: {
    status: 422,
    retryable: false,
    message: "There is no picture at the reference that this server may read.",
  },
  reference_too_large: {
    status: 413,
    retryable: false,
    message: "The picture at the reference is larger than the limit.",
  },
  reference_timeout: { status: 424, retryable: true, message: "The picture at the reference took too long to arrive." },
  reference_unreachable: {
    status: 424,
    retryable: true,
    message: "The picture at the reference cannot be had at the moment.",
  },
  overloaded: { status: 429, retryable: true, message: "The queue is full; try again later." },
  not_ready: { status: 503, retryable: true, message: "The model or catalog is still loading." },
  shutting_down: { status: 503, retryable: true, message: "The server is stopping." },
  deadline_exceeded: { status: 504, retryable: true, message: "The request ran out of time." },
  spool_failed: { status: 507, retryable: true, message: "There is no room to put the answer together." },
  encoder_failed: { status: 500, retryable: true, message: "The picture could not be encoded." },
  route_unknown: { status: 404, retryable: false, message: "There is no such route." },
  method_not_allowed: { status: 405, retryable: false, message: "The route does not take this method." },
  accept_unsupported: { status: 406, retryable: false, message: "None of the accepted media types can be produced." },
  reload_running: { status: 409, retryable: true, message: "Another reload is under way." },
  reload_failed: { status: 422, retryable: false, message: "The new artifact cannot serve; the one before serves on." },
  internal: { status: 500, retryable: false, message: "Unexpected failure." },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof errorCatalog;

/** Facts about a failure that are safe to show a caller. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** The only error class. `details` is safe to show a caller; `cause` is for the log alone. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(errorCatalog[code].message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}
