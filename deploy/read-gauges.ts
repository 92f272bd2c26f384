import type { PlannedCall, SendCall } from "./planned-call.js";
import type { Gauge } from "./status-gauges.js";

/** A gauge's value in its unit; null where CloudWatch has no data, which is not 0. */
export type Reading = Readonly<{ gauge: Gauge; value: number | null }>;

export type Readings = Readonly<{
  readings: readonly Reading[];
  /** Why some of them may be missing or wrong, as CloudWatch says. */
  problems: readonly string[];
}>;

const minuteMs = 60_000;

/** The window's last `windowMinutes` whole minutes before `epochMs`, 1 to 1440. */
export type Window = Readonly<{ epochMs: number; windowMinutes: number }>;

/** Asks CloudWatch for all gauges. @throws the service's error */
export async function readGauges(send: SendCall, gauges: readonly Gauge[], window: Window): Promise<Readings> {
  const values = gauges.map((): number[] => []);
  const problems = new Set<string>();
  if (gauges.length === 0) return { readings: [], problems: [] };
  let NextToken: unknown;
  do {
    const call = planGaugeCall(gauges, window);
    const page = await send({ ...call, input: { ...call.input, NextToken } });
    for (const { Id, Values = [], StatusCode } of (page.MetricDataResults ?? []) as readonly Result[]) {
      const row = Number(Id.slice(1));
      values[row]!.push(...Values);
      if (StatusCode === "InternalError" || StatusCode === "Forbidden") {
        problems.add(`CloudWatch says ${StatusCode} of ${gauges[row]!.metric.name}`);
      }
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  const readings = gauges.map((gauge, row) => ({ gauge, value: toValue(gauge, values[row]!) }));
  return { readings, problems: [...problems] };
}

type Result = Readonly<{ Id: string; Values?: readonly number[]; StatusCode?: string }>;

/** One query a gauge, named by its place; newest values come first. */
function planGaugeCall(gauges: readonly Gauge[], { epochMs, windowMinutes }: Window): PlannedCall {
  const endMs = Math.floor(epochMs / minuteMs) * minuteMs;
  const MetricDataQueries = gauges.map(({ metric, over }, row) => ({
    Id: `m${row}`,
    MetricStat: {
      Metric: {
        Namespace: metric.namespace,
        MetricName: metric.name,
        Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      // A percentile of the whole window cannot be made of its minutes' percentiles.
      Period: over === "window" ? windowMinutes * 60 : 60,
      Stat: metric.statistic,
    },
  }));
  const input = {
    MetricDataQueries,
    StartTime: new Date(endMs - windowMinutes * minuteMs),
    EndTime: new Date(endMs),
    ScanBy: "TimestampDescending",
  };
  return { service: "cloudwatch", operation: "GetMetricData", input };
}

/** Of a window that CloudWatch cuts in two, counts add up, the worst of maxima and percentiles stands, averages meet. */
function toValue({ over, factor, metric: { statistic } }: Gauge, values: readonly number[]): number | null {
  const [newest] = values;
  if (newest === undefined) return null;
  if (over === "newest") return newest * factor;
  const sum = values.reduce((total, value) => total + value, 0);
  if (statistic === "Sum" || statistic === "SampleCount") return sum * factor;
  return (statistic === "Average" ? sum / values.length : Math.max(...values)) * factor;
}
