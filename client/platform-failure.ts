import { type InvokeCode, InvokeError } from "./invoke-error.js";
import { toServiceFailure } from "./service-failure.js";

/** What an error of the SDK may hold, of any service; nothing of it is certain. */
type SdkError = Error &
  Readonly<{
    code?: string;
    $metadata?: Readonly<{ httpStatusCode?: number }>;
    $retryable?: unknown;
    OriginalStatusCode?: number;
    OriginalMessage?: string;
  }>;

const missingIdentity = /^(CredentialsProviderError|TokenProviderError)$|could not load credentials/i;
const refusedIdentity =
  /^(Expired|Invalid)Token|^(AccessDenied|UnrecognizedClient|IncompleteSignature|InvalidSignature|InvalidClientTokenId|SignatureDoesNotMatch|InvalidAccessKeyId|OptInRequired|RequestExpired|RequestTimeTooSkewed)/;
const throttled = /^(Throttling|TooManyRequests|ModelNotReady|SlowDown|RequestLimitExceeded)/;

/** The SDK's error as ours. What the model itself answered is unwrapped from the platform's 424. */
export function toPlatformFailure(error: unknown): InvokeError {
  if (error instanceof InvokeError) return error;
  const given = error as SdkError;
  if (given.name === "ModelError") return toModelFailure(given);
  const status = given.$metadata?.httpStatusCode;
  if (missingIdentity.test(given.name) || missingIdentity.test(given.message)) {
    return toFailure(given, "identity_missing", null, false);
  }
  if (status === undefined) {
    const isLost = isLostConnection(given);
    return toFailure(given, isLost ? "no_answer" : "platform_failed", isLost ? 0 : null, isLost);
  }
  if (throttled.test(given.name) || status === 429) return toFailure(given, "throttled", 429, true);
  if (refusedIdentity.test(given.name) || status === 403) return toFailure(given, "identity_refused", status, false);
  if (status >= 500) {
    return toFailure(given, "platform_failed", status, status === 503 || given.$retryable !== undefined);
  }
  return toFailure(given, "platform_refused", status, false);
}

/** "Received server error (0) from model": the platform's words for an answer that did not come in time. */
function toModelFailure({ OriginalStatusCode, OriginalMessage, message }: SdkError): InvokeError {
  const told = /\((\d{1,3})\) from/.exec(message)?.[1];
  const status = OriginalStatusCode ?? (told === undefined ? 0 : Number(told));
  return toServiceFailure(status, OriginalMessage || message);
}

function isLostConnection({ name, code = "" }: SdkError): boolean {
  return name === "TimeoutError" || /^E[A-Z_]+$/.test(code);
}

function toFailure(error: SdkError, code: InvokeCode, status: number | null, isRetryable: boolean): InvokeError {
  const message = `${error.name}: ${error.message}`;
  return new InvokeError({ code, message, status, isRetryable, cause: error });
}
