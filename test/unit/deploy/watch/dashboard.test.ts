import { describe, expect, it } from "vitest";
import { validateCall } from "../../../../deploy/models/validate-call.js";
import { usualLimits } from "../../../../deploy/watch/alarm-limits.js";
import { planAlarms, type WatchedEndpoint } from "../../../../deploy/watch/alarms.js";
import { planDashboard } from "../../../../deploy/watch/dashboard.js";

const named = { endpointName: "look", variants: ["AllTraffic"], topicArn: null };
const endpoints: readonly WatchedEndpoint[] = [
  { ...named, mode: "sync", machine: { vcpus: 2, gpus: 0 } },
  { ...named, mode: "sync", machine: { vcpus: 48, gpus: 4 }, variants: ["old", "new"] },
  { ...named, mode: "async", machine: { vcpus: 4, gpus: 1 } },
  { ...named, mode: "serverless", machine: null, hasProvisioned: false },
];

type Widget = Readonly<{
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: Readonly<{ title?: string; query?: string; metrics?: readonly (readonly unknown[])[] }>;
}>;

const limitsOf = ({ mode, machine }: WatchedEndpoint) =>
  usualLimits({ gpus: machine?.gpus ?? 0, isServerless: mode === "serverless" });

function draw(endpoint: WatchedEndpoint) {
  const call = planDashboard({ endpoint, limits: limitsOf(endpoint), region: "us-east-1" });
  const { widgets } = JSON.parse(call.input.DashboardBody as string) as { widgets: readonly Widget[] };
  return { call, widgets };
}

/** `Namespace Metric` of every line, drawn or only computed with. */
function metricsIn(widgets: readonly Widget[]): ReadonlySet<string> {
  const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);
  return new Set(rows.flatMap(([namespace, name]) => (typeof name === "string" ? [`${namespace} ${name}`] : [])));
}

describe.each(endpoints)("the dashboard of a $mode endpoint", (endpoint) => {
  const { call, widgets } = draw(endpoint);

  it("is a call that CloudWatch takes", () => {
    expect(validateCall(call)).toEqual([]);
    expect(call.input.DashboardName).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
  });

  it("has its fields inside the width, none over another", () => {
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
    const units = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, i) => `${x + (i % width)},${y + Math.floor(i / width)}`),
    );
    expect(new Set(units).size).toBe(units.length);
  });

  it("draws what its alarms watch", () => {
    type Named = Readonly<{ Namespace: string; MetricName: string }>;
    type Query = Readonly<{ MetricStat?: Readonly<{ Metric: Named }> }>;
    const watched = planAlarms(endpoint, limitsOf(endpoint)).flatMap(({ input }): readonly Named[] => {
      if (input.MetricName !== undefined) return [input as unknown as Named];
      return (input.Metrics as readonly Query[]).flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
    });
    // Two of the ways to lose a request are told in the log as well; three lines say it at a glance.
    const notDrawn = ["RequestDownloadFailures", "ResponseUploadFailures"];
    const wanted = watched.filter(({ MetricName }) => !notDrawn.includes(MetricName));
    expect([...metricsIn(widgets)]).toEqual(
      expect.arrayContaining(wanted.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`)),
    );
  });

  it("computes only with lines that are there, each under a name of its own", () => {
    for (const { properties } of widgets) {
      const options = (properties.metrics ?? []).map((row) => row.at(-1) as { id?: string; expression?: string });
      const ids = options.flatMap(({ id }) => id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { expression } of options) {
        if (expression !== undefined) expect(ids).toContain(expression.split(" ")[0]);
      }
    }
  });
});

it("shows microseconds as ms, and CPUs and GPUs as parts of the whole", () => {
  const { widgets } = draw(endpoints[1]!);
  const expressions = (title: string) =>
    widgets
      .find(({ properties }) => properties.title === title)!
      .properties.metrics!.map((row) => (row.at(-1) as { expression?: string }).expression)
      .filter((expression) => expression !== undefined);
  expect(expressions("old: latency")).toEqual(["m0 / 1000", "m1 / 1000", "m2 / 1000", "m3 / 1000", "m4 / 1000"]);
  expect(expressions("new: instances")).toEqual(["m1 / 48", "m3 / 4", "m4 / 4"]);
});

it("reads the failed requests from the endpoint's own log", () => {
  const { widgets } = draw(endpoints[0]!);
  expect(widgets.at(-1)).toMatchObject({
    type: "log",
    properties: { query: expect.stringContaining("SOURCE '/aws/sagemaker/Endpoints/look' | fields") },
  });
});
