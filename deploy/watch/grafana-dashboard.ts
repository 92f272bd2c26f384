import { type GrafanaUnit, grafanaPanels, type PanelFacts } from "./grafana-panels.js";

type Target = Readonly<{ refId: string; expr: string; legendFormat: string; datasource: unknown }>;
type Panel = Readonly<{
  id: number;
  type: "timeseries";
  title: string;
  description: string;
  datasource: unknown;
  gridPos: Readonly<{ x: number; y: number; w: number; h: number }>;
  fieldConfig: Readonly<{ defaults: Readonly<{ unit: GrafanaUnit; min: 0 }>; overrides: readonly never[] }>;
  options: unknown;
  targets: readonly Target[];
}>;

/** The schema of Grafana 11; newer ones read it and write their own. */
const schemaVersion = 39;
/** Grafana's grid is 24 wide: two panels in a row. */
const panelSize = { w: 12, h: 8 } as const;
/** Whoever imports the dashboard chooses where its metrics come from. */
const datasource = { type: "prometheus", uid: "$" + "{datasource}" } as const;

/** A Grafana dashboard of our own `/metrics`, ready to import; Prometheus knows the servers by `job`. */
export function toGrafanaDashboard(job: string): Readonly<Record<string, unknown>> {
  return {
    title: "StyGig",
    uid: "stygig",
    tags: ["stygig"],
    schemaVersion,
    editable: true,
    timezone: "browser",
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: [datasourceVariable, jobVariable(job), instanceVariable] },
    annotations: { list: [] },
    panels: grafanaPanels.map(toPanel),
  };
}

const datasourceVariable = {
  ...{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
  ...{ current: {}, hide: 0 },
};

function jobVariable(job: string) {
  return {
    ...{ name: "job", label: "Job", type: "query", datasource, refresh: 2, sort: 1, hide: 0 },
    query: { query: "label_values(stygig_ready, job)", refId: "job" },
    current: { text: job, value: job },
  };
}

const instanceVariable = {
  ...{ name: "instance", label: "Instance", type: "query", datasource, refresh: 2, sort: 1, hide: 0 },
  query: { query: 'label_values(stygig_ready{job="$job"}, instance)', refId: "instance" },
  ...{ includeAll: true, multi: true, allValue: ".*", current: { text: "All", value: "$__all" } },
};

function toPanel({ title, description, unit, lines }: PanelFacts, index: number): Panel {
  return {
    id: index + 1,
    type: "timeseries",
    title,
    description,
    datasource,
    gridPos: { x: (index % 2) * panelSize.w, y: Math.floor(index / 2) * panelSize.h, ...panelSize },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
    targets: lines.map(([legendFormat, expr], line) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + line),
      expr,
      legendFormat,
      datasource,
    })),
  };
}
