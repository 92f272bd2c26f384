import { describe, expect, it } from "vitest";
import { createPrometheusMetrics } from "../../../src/adapters/prometheus-metrics.js";
import { metricCatalog } from "../../../src/serving/metrics.js";

const entries = Object.entries(metricCatalog);
const page = async () => (await createPrometheusMetrics().page()).text;

describe("the metrics", () => {
  it("are named for what they count, or end in their unit", () => {
    for (const [name, { kind }] of entries) {
      expect(name).toMatch(/^stygig(_[a-z0-9]+)+$/);
      expect(name.endsWith("_total"), name).toBe(kind === "counter");
      if (kind === "histogram") expect(name).toMatch(/_(seconds|bytes|pixels|items|pictures|images|requests|records)$/);
      expect(name).not.toMatch(/_(ms|milliseconds|mb|kb|percent|minutes)(_total)?$/);
    }
  });

  it("have buckets of their own, each larger than the last", () => {
    for (const [name, spec] of entries) {
      if (spec.kind !== "histogram") continue;
      const buckets: readonly number[] = spec.buckets;
      expect(buckets, name).toEqual([...new Set(buckets)].sort((one, other) => one - other));
      expect(buckets.length, name).toBeGreaterThanOrEqual(4);
    }
  });

  it("are on the page, all of them, beside those of the process and of Node", async () => {
    const onPage = [...(await page()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [name, kind]);
    const ours = onPage.filter(([name]) => !/^(process|nodejs)_/.test(name!));
    expect(ours).toEqual(entries.map(([name, { kind }]) => [name, kind]));
    expect(onPage.length).toBeGreaterThan(ours.length);
  });
});

describe("a gauge whose series are replaced", () => {
  it("has the last ones told, and no others", async () => {
    const metrics = createPrometheusMetrics();
    const labels = { model_digest: "m", index: "exact", encoder: "e", preprocess: "p", rules: "v5" };
    for (const catalog_digest of ["old", "new"]) {
      metrics.replace("stygig_served_info", [[{ ...labels, catalog_digest }, 1]]);
    }
    const { text } = await metrics.page();
    expect(text.match(/^stygig_served_info\{.*$/gm)).toEqual([expect.stringMatching(/catalog_digest="new".*\} 1$/)]);
  });
});

describe("a watched gauge", () => {
  it("is read at each scrape, for each of its labels", async () => {
    const metrics = createPrometheusMetrics();
    let workers = 2;
    metrics.watch("stygig_workers", () => workers, { pool: "encoder" });
    metrics.watch("stygig_workers", () => 1, { pool: "decoder" });
    const read = async () => (await metrics.page()).text.match(/^stygig_workers\{.*$/gm);
    expect(await read()).toEqual(['stygig_workers{pool="encoder"} 2', 'stygig_workers{pool="decoder"} 1']);
    workers = 0;
    expect((await read())?.[0]).toBe('stygig_workers{pool="encoder"} 0');
  });
});
