/** Failures that may pass, with the milliseconds that the other side asked to be left alone, or null. */
const passing = new WeakMap<object, number | null>();

/** An error that `withRetries` tries again after; `afterMs` where the other side named a time. */
export function passingFailure(reason: string, afterMs: number | null = null): Error {
  const error = new Error(reason);
  passing.set(error, afterMs);
  return error;
}

export type RetryOptions = Readonly<{
  /** Resolves after so many milliseconds, or rejects with the signal's reason. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  /** One line about each failure that is tried again. */
  tell: (line: string) => void;
}>;

/** Tries without progress, the first included: with the pauses below somewhat above half a minute. */
const maxTries = 6;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** The hub counts requests in windows of five minutes: a longer pause would be of no use. */
const longestAskedPauseMs = 300_000;

/** Progress that starts the count anew; a server that cuts every few bytes must not hold a pull for ever. */
const enoughProgressBytes = 1 << 20;

/**
 * Runs `attempt` again after passing failures, with growing pauses or those that the other side asks for.
 * `bytesSoFar` grows as the work gets on. @throws Error the last failure; anything that is not passing at once.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { wait, signal, tell }: RetryOptions,
  bytesSoFar: () => number = () => 0,
): Promise<T> {
  let tries = 0;
  let mark = bytesSoFar();
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const askedMs = error instanceof Error ? passing.get(error) : undefined;
      if (!(error instanceof Error) || askedMs === undefined) throw error;
      if (bytesSoFar() - mark >= enoughProgressBytes) tries = 0;
      mark = bytesSoFar();
      tries += 1;
      if (tries >= maxTries) throw new Error(`${error.message} (tried ${tries} times)`, { cause: error });
      const pauseMs = pauseOf(tries, askedMs);
      tell(`${error.message}; trying again in ${Math.ceil(pauseMs / 1000)} s`);
      await wait(pauseMs, signal);
    }
  }
}

function pauseOf(tries: number, askedMs: number | null): number {
  const grownMs = Math.min(firstPauseMs * 2 ** (tries - 1), longestPauseMs);
  return askedMs === null ? grownMs : Math.min(Math.max(askedMs, firstPauseMs), longestAskedPauseMs);
}
