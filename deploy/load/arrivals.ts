/** Requests at instants of their own, whatever becomes of those before; the rate may rise or fall evenly. */
export type OpenArrivals = Readonly<{
  kind: "open";
  fromPerSecond: number;
  toPerSecond: number;
  /** At even distances, or by chance as strangers come. */
  spacing: "constant" | "poisson";
}>;

/** Callers who each ask again when they have their answer. */
export type ClosedArrivals = Readonly<{ kind: "closed"; callers: number }>;

export type Arrivals = OpenArrivals | ClosedArrivals;

/**
 * When requests are due, in ms from the start and before `durationMs`, in order. After t seconds the rates from a to b
 * over T seconds have brought a t + (b - a) t^2 / 2T requests; the n-th is due when that is n. By chance the n grow by
 * exponential steps of mean one instead of by one. `random` is in [0, 1).
 */
export function* toDueTimes(
  { fromPerSecond, toPerSecond, spacing }: OpenArrivals,
  durationMs: number,
  random: () => number,
): Generator<number> {
  const curve = (toPerSecond - fromPerSecond) / (2 * (durationMs / 1000));
  const step = () => (spacing === "constant" ? 1 : -Math.log(1 - random()));
  for (let count = spacing === "constant" ? 0 : step(); ; count += step()) {
    const underRoot = fromPerSecond ** 2 + 4 * curve * count;
    // A falling rate brings no more than so many.
    if (underRoot < 0) return;
    const divisor = fromPerSecond + Math.sqrt(underRoot);
    const dueMs = count === 0 ? 0 : (2000 * count) / divisor;
    if (!(dueMs < durationMs)) return;
    yield dueMs;
  }
}

/** Requests a second that are meant to come in a span, on average; null where the callers decide. */
export function offeredPerSecond(
  arrivals: Arrivals,
  { fromMs, toMs, durationMs }: Readonly<{ fromMs: number; toMs: number; durationMs: number }>,
): number | null {
  if (arrivals.kind === "closed") return null;
  const { fromPerSecond, toPerSecond } = arrivals;
  const middle = (fromMs + toMs) / 2 / durationMs;
  return fromPerSecond + (toPerSecond - fromPerSecond) * middle;
}
