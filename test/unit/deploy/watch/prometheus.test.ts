import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { toGrafanaDashboard } from "../../../../deploy/watch/grafana-dashboard.js";
import { toPrometheusRules } from "../../../../deploy/watch/prometheus-rules.js";
import { errorCatalog } from "../../../../src/domain/errors.js";
import { type MetricName, metricCatalog } from "../../../../src/serving/metrics.js";
import { readPromql, type Selector } from "../../../support/promql-names.js";

type Rule = Readonly<{
  alert: string;
  expr: string;
  for: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}>;
type Panel = Readonly<{
  id: number;
  gridPos: Readonly<{ x: number; y: number; w: number; h: number }>;
  targets: readonly Readonly<{ refId: string; expr: string; legendFormat: string }>[];
}>;

const limits = { p99Ms: 300, errorPercent: 1, memoryBytes: 4 * 2 ** 30 };
const { groups } = parse(toPrometheusRules("looks", limits)) as {
  groups: readonly Readonly<{ name: string; rules: readonly Rule[] }>[];
};
const rules = groups.flatMap(({ rules: each }) => each);
const dashboard = JSON.parse(JSON.stringify(toGrafanaDashboard("looks"))) as { panels: readonly Panel[] };
const targets = dashboard.panels.flatMap((panel) => panel.targets);

/** What Prometheus gives every series of a scraped server. */
const scrapeLabels = ["job", "instance"];

/** The catalog's entry for a series, with the labels that the series has. */
function specOf({ metric }: Selector) {
  if (metric === "up") return { kind: "gauge", labels: scrapeLabels };
  const [, base = "", suffix] = /^(.*?)(_bucket|_sum|_count)?$/.exec(metric) ?? [];
  const found = metricCatalog[base as MetricName];
  if (found === undefined) throw new Error(`the server has no metric ${metric}`);
  if ((found.kind === "histogram") !== (suffix !== undefined)) throw new Error(`${metric} is no series of ${base}`);
  return { kind: found.kind, labels: [...found.labels, ...scrapeLabels, ...(suffix === "_bucket" ? ["le"] : [])] };
}

/** Values that a label can have, where there are only so many. */
const labelValues: Readonly<Record<string, readonly string[]>> = {
  code: ["ok", ...Object.keys(errorCatalog)],
  route: ["/invocations"],
  kind: ["allocated", "reserved", "total"],
  outcome: ["hit", "miss", "joined"],
};

const queries = [
  ...rules.map(({ alert, expr }) => ({ name: alert, expr })),
  ...targets.map(({ legendFormat, expr }) => ({
    name: legendFormat,
    expr: expr.replaceAll("$__rate_interval", "5m"),
  })),
];

describe.each(queries)("$name", ({ expr }) => {
  it("asks in PromQL for metrics that the server has, by labels and values that they have", () => {
    const { selectors, grouping } = readPromql(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const selector of selectors) {
      const { labels } = specOf(selector);
      for (const { name, value } of selector.labels) {
        expect(labels).toContain(name);
        if (labelValues[name] !== undefined) expect(labelValues[name]).toContain(value);
      }
    }
    const known = selectors.flatMap((selector) => specOf(selector).labels);
    expect(known).toEqual(expect.arrayContaining([...grouping]));
  });

  it("takes counters by their growth and gauges as they are", () => {
    // Or by not having been there before.
    const isNew = / or \((\S+\{[^}]*\}) unless \1 offset 15m\)$/;
    for (const selector of readPromql(expr.replace(isNew, "")).selectors) {
      const isGauge = specOf(selector).kind === "gauge";
      expect([selector.metric, selector.rated === null]).toEqual([selector.metric, isGauge]);
    }
  });

  it("looks at the servers of one job", () => {
    for (const { labels } of readPromql(expr).selectors) expect(labels.map(({ name }) => name)).toContain("job");
  });
});

describe("the alert rules", () => {
  it("say for how long, how urgent, and what it means, with labels that the result has", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(rule.for).toMatch(/^\d+m$/);
      expect(rule.labels.severity).toMatch(/^(page|ticket|scale)$/);
      const shown = [...rule.annotations.description!.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name!);
      const { selectors } = readPromql(rule.expr);
      for (const name of shown) expect(specOf(selectors[0]!).labels).toContain(name);
      // An aggregation leaves no label but those it groups by.
      if (/\b(sum|avg)\b/.test(rule.expr)) expect(shown).toEqual([]);
    }
  });

  it("are the guide's: up above 200 ms, down below half of a GPU and far below what adds", () => {
    const of = (name: string) => rules.find(({ alert }) => alert === name)!;
    expect(of("StygigScaleUp")).toMatchObject({ expr: expect.stringMatching(/> 0\.2$/), for: "3m" });
    expect(of("StygigScaleDown")).toMatchObject({ expr: expect.stringContaining("< 0.5 unless"), for: "15m" });
    expect(of("StygigScaleDown").expr).toMatch(/>= 0\.12$/);
    expect(of("StygigGpuMemory").expr).toMatch(/> 0\.9$/);
    expect(of("StygigMemory").expr).toBe(`stygig_resident_memory_bytes{job="looks"} / ${4 * 2 ** 30} > 0.9`);
  });

  it("notice a counter's first event, before which it has no series", () => {
    const growing = rules.filter(({ expr }) => expr.startsWith("increase("));
    expect(growing.map(({ alert }) => alert)).toEqual(["StygigWorkersLost", "StygigDeviceErrors"]);
    for (const { expr } of growing) expect(expr).toMatch(/ or \((\S+\{[^}]*\}) unless \1 offset 15m\)$/);
  });

  it("say nothing of memory whose size nobody named", () => {
    expect(toPrometheusRules("looks", { ...limits, memoryBytes: null })).not.toContain("StygigMemory");
  });
});

describe("the Grafana dashboard", () => {
  it("has panels inside the grid, none over another, with lines of names of their own", () => {
    const taken = dashboard.panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
    expect(new Set(taken).size).toBe(taken.length);
    for (const { gridPos, targets: lines } of dashboard.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(new Set(lines.map(({ refId }) => refId)).size).toBe(lines.length);
    }
  });

  it("names in legends only labels that the lines have", () => {
    for (const { expr, legendFormat } of targets) {
      const { selectors, grouping } = readPromql(expr.replaceAll("$__rate_interval", "5m"));
      const isAggregated = /\bsum\b/.test(expr);
      const labels = isAggregated ? grouping : specOf(selectors[0]!).labels;
      for (const [, name] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(labels).toContain(name);
    }
  });

  it("shows every metric that moves, or says here why not", () => {
    const notDrawn: readonly MetricName[] = [
      // A label each: /health tells them better.
      "stygig_served_info",
      // Constant but for a restart or a reload.
      ...(["stygig_workers", "stygig_generations_open", "stygig_reloads_total"] as const),
      // Seen in failed requests, in bytes of the cache, in memory.
      ...(["stygig_batches_failed_total", "stygig_cache_entries", "stygig_requests_in_flight_bytes"] as const),
    ];
    const drawn = new Set(
      targets.flatMap(({ expr }) =>
        readPromql(expr.replaceAll("$__rate_interval", "5m")).selectors.map(({ metric }) =>
          metric.replace(/_(bucket|sum|count)$/, ""),
        ),
      ),
    );
    expect([...drawn, ...notDrawn].sort()).toEqual(Object.keys(metricCatalog).sort());
  });
});

describe("this test", () => {
  it("refuses what is no PromQL and metrics that are not there", () => {
    expect(() => readPromql("sum(rate(a[5m])")).toThrow("no PromQL");
    expect(() => specOf({ metric: "stygig_nothing_total", labels: [], rated: null })).toThrow("no metric");
    expect(() => specOf({ metric: "stygig_request_duration_seconds", labels: [], rated: null })).toThrow("no series");
  });
});
