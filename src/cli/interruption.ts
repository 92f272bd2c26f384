/** What the shell calls a process that Ctrl-C has ended. */
export const interruptedExitCode = 130;

/**
 * Does work that Ctrl-C or SIGTERM ends by its signal; a second one ends the process as if nobody listened.
 * The process listens no longer than the work lasts.
 */
export async function withInterruption<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}
