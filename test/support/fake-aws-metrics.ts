type Input = Readonly<Record<string, unknown>>;

/** What was published of a metric at one moment, in the metric's own unit. */
export type FakeSample = Readonly<{
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  atMs: number;
  values: readonly number[];
}>;

/** Few, so that whoever asks for more must turn pages. */
const pageSize = 10;

/** GetMetricData over samples: exactly the metric with exactly these dimensions, in buckets from the start on. */
export function answerMetricData(samples: readonly FakeSample[], input: Input): Input {
  const queries = input.MetricDataQueries as readonly Readonly<{ Id: string; MetricStat: MetricStat }>[];
  const first = Number(input.NextToken ?? 0);
  const [startMs, endMs] = [input.StartTime, input.EndTime].map((time) => new Date(time as string).getTime());
  const results = queries.slice(first, first + pageSize).map(({ Id, MetricStat }) => {
    const points = pointsOf(samples, MetricStat, [startMs!, endMs!]);
    const isLatestFirst = input.ScanBy !== "TimestampAscending";
    const inOrder = isLatestFirst ? points.toReversed() : points;
    return {
      ...{ Id, Label: MetricStat.Metric.MetricName, StatusCode: "Complete" },
      Timestamps: inOrder.map(([atMs]) => atMs / 1000),
      Values: inOrder.map(([, value]) => value),
    };
  });
  const next = first + pageSize;
  return { MetricDataResults: results, ...(next < queries.length ? { NextToken: String(next) } : {}) };
}

type MetricStat = Readonly<{
  Metric: Readonly<{
    Namespace: string;
    MetricName: string;
    Dimensions: readonly Readonly<{ Name: string; Value: string }>[];
  }>;
  Period: number;
  Stat: string;
}>;

function pointsOf(
  samples: readonly FakeSample[],
  { Metric, Period, Stat }: MetricStat,
  [startMs, endMs]: readonly [number, number],
): readonly (readonly [atMs: number, value: number])[] {
  const wanted = canonical(Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value])));
  const buckets = new Map<number, number[]>();
  for (const { namespace, name, dimensions, atMs, values } of samples) {
    const isAsked = namespace === Metric.Namespace && name === Metric.MetricName && canonical(dimensions) === wanted;
    if (!isAsked || atMs < startMs || atMs >= endMs) continue;
    const bucket = startMs + Math.floor((atMs - startMs) / (Period * 1000)) * Period * 1000;
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), ...values]);
  }
  return [...buckets].sort(([a], [b]) => a - b).map(([atMs, values]) => [atMs, statisticOf(Stat, values)]);
}

const canonical = (dimensions: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(dimensions).sort());

function statisticOf(statistic: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case "Sum":
      return sum;
    case "SampleCount":
      return values.length;
    case "Average":
      return sum / values.length;
    case "Maximum":
      return Math.max(...values);
    default: {
      const rank = Number(/^p(\d+)$/.exec(statistic)?.[1]);
      return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((rank / 100) * values.length) - 1)]!;
    }
  }
}
