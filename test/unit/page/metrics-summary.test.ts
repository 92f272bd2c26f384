import { describe, expect, test } from "vitest";
import { parseMetrics, toSummary } from "../../../page/metrics-summary.js";
import { createPrometheusMetrics } from "../../../src/adapters/prometheus-metrics.js";

async function summaryOf(work: (metrics: ReturnType<typeof createPrometheusMetrics>) => void) {
  const metrics = createPrometheusMetrics();
  work(metrics);
  return toSummary(parseMetrics((await metrics.page()).text));
}

describe("the summary of what the server itself writes", () => {
  test("ranks the stages by what they cost in all, and says how much of it was waiting", async () => {
    const { stages } = await summaryOf((metrics) => {
      for (const seconds of [0.02, 0.04])
        metrics.observe("stygig_stage_duration_seconds", { stage: "encode" }, seconds);
      for (let run = 0; run < 20; run++) metrics.observe("stygig_stage_duration_seconds", { stage: "search" }, 0.012);
      metrics.observe("stygig_queue_seconds", { stage: "encode" }, 0.01);
    });
    expect(stages.map(({ stage, runs }) => [stage, runs])).toEqual([
      ["search", 20],
      ["encode", 2],
    ]);
    expect(stages[1]).toMatchObject({ meanMs: expect.closeTo(30, 6), waitMs: expect.closeTo(10, 6) });
    expect(stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
  });

  test("counts each run of the encoder once, by its size", async () => {
    const { batches } = await summaryOf((metrics) => {
      for (const size of [1, 1, 1, 8]) metrics.observe("stygig_batch_pictures", {}, size);
    });
    expect(batches.map(({ runs }) => runs)).toEqual([3, 1]);
    expect(batches[0]).toMatchObject({ upTo: "1", share: 0.75 });
  });

  test("tells requests, cache and rung", async () => {
    const summary = await summaryOf((metrics) => {
      const route = "/invocations";
      metrics.count("stygig_requests_total", { route, status: "200", code: "ok" });
      metrics.count("stygig_requests_total", { route, status: "429", code: "overloaded" });
      metrics.count("stygig_cache_requests_total", { outcome: "hit" });
      metrics.set("stygig_encoder_rung", { provider: "cuda", precision: "fp16" }, 0);
      metrics.set("stygig_encoder_rung", { provider: "cpu", precision: "int8" }, 1);
      metrics.set("stygig_encoder_degraded", {}, 1);
    });
    expect(summary).toMatchObject({ requests: 2, refused: 1, rung: "int8 on cpu", degraded: true });
    expect(summary.cache).toMatchObject({ hit: 1, joined: 0, miss: 0 });
  });

  test("is empty before anything was asked", async () => {
    expect(await summaryOf(() => {})).toMatchObject({ requests: 0, refused: 0, stages: [], batches: [], rung: null });
  });
});

test("a label may hold whatever its text escapes, and what is no sample is left out", () => {
  const text = '# HELP a b\na{b="x \\"y\\" }",c="1"} 2.5e3\n\nnonsense\nd +Inf\n';
  expect(parseMetrics(text)).toEqual([
    { name: "a", labels: { b: 'x \\"y\\" }', c: "1" }, value: 2500 },
    { name: "d", labels: {}, value: Number.NaN },
  ]);
});
