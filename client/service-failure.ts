import { type InvokeCode, InvokeError } from "./invoke-error.js";

/** What the platform hands on of a model's error; more is cut here as well, whoever sent it. */
export const maxMessageCharacters = 2048;

/** A status and the text that came with it as the failure it stands for, whether or not the text was cut on its way. */
export function toServiceFailure(status: number, text: string, retryAfterMs: number | null = null): InvokeError {
  const cut = text.slice(0, maxMessageCharacters);
  const said = readErrorText(cut);
  const code: InvokeCode = said.code ?? (status === 0 ? "no_answer" : `http_${status}`);
  return new InvokeError({
    code,
    message: said.message ?? (cut.trim() || `the answer was ${status} and nothing else`),
    status,
    isRetryable: isWorthRetrying(status, said.isMarkedRetryable),
    retryAfterMs: retryAfterMs ?? said.retryAfterMs,
  });
}

/** Overload, a start, a lost answer; of other failures on the far side, those that are said to pass. */
function isWorthRetrying(status: number, isMarkedRetryable: boolean): boolean {
  if (status === 0 || status === 429 || status === 503) return true;
  return status >= 500 && isMarkedRetryable;
}

type SaidError = Readonly<{
  code: InvokeCode | null;
  message: string | null;
  isMarkedRetryable: boolean;
  retryAfterMs: number | null;
}>;

/** By pattern and not by parser: what was cut at 2,048 characters is no JSON any more, and the code stands first. */
function readErrorText(text: string): SaidError {
  const code = /"error"\s*:\s*\{\s*"code"\s*:\s*"([a-z_]{1,60})"/.exec(text)?.[1] as InvokeCode | undefined;
  if (code === undefined) return { code: null, message: null, isMarkedRetryable: false, retryAfterMs: null };
  const message = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  const details = /"details"\s*:\s*(\{[^{}]*\})/.exec(text)?.[1];
  const seconds = /"retry_after_seconds"\s*:\s*(\d{1,6}(?:\.\d+)?)/.exec(text)?.[1];
  const plain = message === undefined ? code : parseText(message);
  return {
    code,
    message: details === undefined || details === "{}" ? plain : `${plain} ${details}`,
    isMarkedRetryable: /"retryable"\s*:\s*true/.test(text),
    retryAfterMs: seconds === undefined ? null : Number(seconds) * 1000,
  };
}

function parseText(quoted: string): string {
  try {
    return JSON.parse(quoted);
  } catch {
    return quoted;
  }
}
