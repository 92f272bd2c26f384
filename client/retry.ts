import { InvokeError } from "./invoke-error.js";
import type { Waiting } from "./waiting.js";

export type RetryRules = Readonly<{
  /** The first one included. */
  maxAttempts: number;
  /** The first wait is at most this, each further one at most twice the one before. */
  firstWaitMs: number;
  /** No single wait is longer; a service that asks for more is not asked again. */
  maxWaitMs: number;
}>;

/** Three tries within some seconds: an overloaded service asks for one second, a starting one for five. */
export const usualRetries: RetryRules = { maxAttempts: 3, firstWaitMs: 500, maxWaitMs: 20_000 };

type RetryParts = Readonly<{ rules: RetryRules; waiting: Waiting; signal: AbortSignal }>;

/**
 * Tries again where the failure may pass, after a random part of a growing wait, so that callers who were refused
 * together do not come back together; never before the service wants to be asked.
 * @throws InvokeError of the last attempt; the signal's reason
 */
export async function withRetries<T>(attempt: () => Promise<T>, { rules, waiting, signal }: RetryParts): Promise<T> {
  for (let tried = 1; ; tried++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof InvokeError) || !error.isRetryable || tried >= rules.maxAttempts) throw error;
      const askedMs = error.retryAfterMs ?? 0;
      if (askedMs > rules.maxWaitMs) throw error;
      const mostMs = Math.min(rules.firstWaitMs * 2 ** (tried - 1), rules.maxWaitMs);
      await waiting.sleep(askedMs + waiting.random() * mostMs, signal);
    }
  }
}
