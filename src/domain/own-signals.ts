/** Does work with a signal of its own. */
export type WithOwnSignal = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Signals for works side by side, which all end with one. That has one listener for all of them, and none while none is
 * under way: work by the hundred that listens to it directly looks like a leak to Node, which then warns of one.
 */
export function createOwnSignals(shared: AbortSignal): WithOwnSignal {
  const underWay = new Set<AbortController>();
  const endAll = () => {
    for (const each of underWay) each.abort(shared.reason);
  };
  return async (work) => {
    const own = new AbortController();
    if (shared.aborted) own.abort(shared.reason);
    else if (underWay.size === 0) shared.addEventListener("abort", endAll);
    underWay.add(own);
    try {
      return await work(own.signal);
    } finally {
      underWay.delete(own);
      if (underWay.size === 0) shared.removeEventListener("abort", endAll);
    }
  };
}
