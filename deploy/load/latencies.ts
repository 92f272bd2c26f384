import { build } from "hdr-histogram-js";

/** Times as a high dynamic range histogram: any number of them in the same room, each to a thousandth of itself. */
export type Latencies = Readonly<{
  record: (ms: number) => void;
  count: () => number;
  /** `quantile` in [0, 1]; null where nothing was recorded. */
  at: (quantile: number) => number | null;
  mean: () => number | null;
  max: () => number | null;
}>;

/** An hour in microseconds, which is what is counted. */
const mostMicroseconds = 3_600_000_000;

/** Longer than an hour counts as an hour: no request of ours lives that long. */
export function createLatencies(digits: 2 | 3 = 3): Latencies {
  const histogram = build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2_000_000,
    numberOfSignificantValueDigits: digits,
    useWebAssembly: false,
  });
  const orNull = (microseconds: () => number) => (histogram.totalCount === 0 ? null : microseconds() / 1000);
  return {
    record: (ms) => histogram.recordValue(Math.min(mostMicroseconds, Math.max(1, Math.round(ms * 1000)))),
    count: () => histogram.totalCount,
    // A bucket's upper end may lie beyond the largest of all.
    at: (quantile) => orNull(() => Math.min(histogram.getValueAtPercentile(100 * quantile), histogram.maxValue)),
    mean: () => orNull(() => histogram.mean),
    max: () => orNull(() => histogram.maxValue),
  };
}

/** The usual figures in ms, null where nothing was recorded. */
export type LatencyFigures = Readonly<{
  count: number;
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
  p999: number | null;
  max: number | null;
}>;

export function toFigures(latencies: Latencies): LatencyFigures {
  const { at, count, mean, max } = latencies;
  return {
    count: count(),
    mean: mean(),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    p999: at(0.999),
    max: max(),
  };
}
