import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";

/** How much later than planned the main thread came round to its work, in seconds. */
export type DelaySummary = Readonly<{ p50: number; p99: number; max: number }>;

export type EventLoopDelay = Readonly<{
  /** The worse of this window and the one before, value by value: each is seen for a window at least, and for two at most. */
  read: () => DelaySummary;
  close: () => void;
}>;

/** A tenth of what a caller would notice; the timer costs nothing that could be measured. */
const resolutionMs = 10;
const nothing: DelaySummary = { p50: 0, p99: 0, max: 0 };

/** Watches the event loop of this thread in windows of a minute, unless told otherwise. */
export function watchEventLoopDelay(windowMs = 60_000): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let before = nothing;
  const turn = setInterval(() => {
    before = summarize(histogram);
    histogram.reset();
  }, windowMs).unref();
  return {
    read: () => {
      const { p50, p99, max } = summarize(histogram);
      return { p50: Math.max(p50, before.p50), p99: Math.max(p99, before.p99), max: Math.max(max, before.max) };
    },
    close: () => {
      clearInterval(turn);
      histogram.disable();
    },
  };
}

function summarize(histogram: IntervalHistogram): DelaySummary {
  if (histogram.count === 0) return nothing;
  const [p50, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(toDelay);
  return { p50: p50!, p99: p99!, max: max! };
}

/** What Node records is the time from one tick of its timer to the next, the planned part included, in nanoseconds. */
function toDelay(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
}
