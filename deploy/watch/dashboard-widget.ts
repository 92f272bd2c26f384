/** One field of a CloudWatch dashboard, which is 24 units wide. */
export type Widget = Readonly<{
  type: "metric" | "text" | "log";
  width: number;
  height: number;
  properties: Readonly<Record<string, unknown>>;
}>;
type PlacedWidget = Widget & Readonly<{ x: number; y: number }>;

const dashboardWidth = 24;

/** Side by side from the left, and below where a row is full. */
export function inRows(widgets: readonly Widget[]): readonly PlacedWidget[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return widgets.map((widget) => {
    if (x + widget.width > dashboardWidth) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const placed = { ...widget, x, y };
    x += widget.width;
    rowHeight = Math.max(rowHeight, widget.height);
    return placed;
  });
}

/** One line of a graph: a metric as it is published, or divided so that a reader sees ms or percent of the whole. */
export type Line = Readonly<{
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
  statistic: string;
  label: string;
  divideBy?: number;
  multiplyBy?: number;
}>;

type Graph = Readonly<{
  title: string;
  unit: string;
  region: string;
  lines: readonly Line[];
  /** Where alarms begin, in the graph's unit. */
  limits?: readonly Readonly<{ label: string; value: number }>[];
}>;

/** A graph of a third of the dashboard's width, a value a minute, from zero. */
export function toGraph({ title, unit, region, lines, limits = [] }: Graph): Widget {
  const properties = {
    region,
    title,
    view: "timeSeries",
    stacked: false,
    period: 60,
    metrics: lines.flatMap(toMetricRows),
    yAxis: { left: { label: unit, showUnits: false, min: 0 } },
    ...(limits.length === 0 ? {} : { annotations: { horizontal: limits } }),
  };
  return { type: "metric", width: 8, height: 6, properties };
}

function toMetricRows(line: Line, index: number): readonly unknown[] {
  const { namespace, name, dimensions, statistic, label, divideBy, multiplyBy } = line;
  const metric = [namespace, name, ...Object.entries(dimensions).flat()];
  if (divideBy === undefined && multiplyBy === undefined) return [[...metric, { stat: statistic, label }]];
  const id = `m${index}`;
  const expression = divideBy === undefined ? `${id} * ${multiplyBy}` : `${id} / ${divideBy}`;
  return [[{ expression, label, id: `e${index}` }], [...metric, { stat: statistic, id, visible: false }]];
}
