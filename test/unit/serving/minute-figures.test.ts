import { describe, expect, it } from "vitest";
import { createPrometheusMetrics } from "../../../src/adapters/prometheus-metrics.js";
import { collectFigures, figureNames } from "../../../src/serving/minute-figures.js";

function collect() {
  const { metrics, take } = collectFigures(createPrometheusMetrics());
  return { metrics, take: () => Object.fromEntries(take().map(({ name, values }) => [name, values])) };
}

type Collected = ReturnType<typeof collect>["metrics"];
function answer(metrics: Collected, code: string, status: string, seconds: number, route = "/invocations"): void {
  metrics.count("stygig_requests_total", { route, status, code });
  metrics.observe("stygig_request_duration_seconds", { route, code }, seconds);
}

describe("the figures of a minute", () => {
  it("count invocations by what came of them, and nothing else", () => {
    const { metrics, take } = collect();
    answer(metrics, "ok", "200", 0.02);
    answer(metrics, "image_undecodable", "422", 0.003);
    answer(metrics, "overloaded", "429", 0.001);
    answer(metrics, "encoder_failed", "500", 0.05);
    answer(metrics, "caller_left", "none", 0.4);
    answer(metrics, "route_unknown", "404", 0.001, "other");
    metrics.count("stygig_workers_lost_total", { pool: "encoder" });
    expect(take()).toMatchObject({
      ...{ Requests: 5, ClientErrors: 2, ServerErrors: 1, Overloaded: 1, CallersLeft: 1 },
      ...{ WorkersLost: 1, DeviceErrors: 0, Fallbacks: 0 },
      Latency: [20, 3, 1, 50, 400],
    });
  });

  it("begin anew each time, with zeros instead of nothing", () => {
    const { metrics, take } = collect();
    answer(metrics, "ok", "200", 0.02);
    take();
    const figures = take();
    expect(figures).toMatchObject({ Requests: 0, ServerErrors: 0 });
    expect(figures).not.toHaveProperty("Latency");
  });

  it("hold the stages in ms, and what is watched as it is now", () => {
    const { metrics, take } = collect();
    metrics.observe("stygig_stage_duration_seconds", { stage: "decode" }, 0.004);
    metrics.observe("stygig_stage_duration_seconds", { stage: "rank" }, 0.001);
    metrics.watch("stygig_resident_memory_bytes", () => 1e8);
    metrics.watch("stygig_event_loop_delay_p99_seconds", () => 0.25);
    const figures = take();
    expect(figures).toMatchObject({ DecodeTime: [4], RankTime: [1], ResidentMemory: 1e8, EventLoopDelayP99: 250 });
    expect(Object.keys(figures).every((name) => figureNames.has(name))).toBe(true);
  });

  it("are a hundred of however many, spread over all of them", () => {
    for (const count of [99, 100, 101, 1000, 54_321]) {
      const { metrics, take } = collect();
      for (let i = 0; i < count; i++) answer(metrics, "ok", "200", i / 1000);
      const { Requests, Latency } = take();
      const values = Latency as number[];
      expect(Requests).toBe(count);
      expect(values.length).toBeLessThanOrEqual(100);
      expect(values.length).toBeGreaterThanOrEqual(Math.min(count, 50));
      const gaps = new Set(values.slice(1).map((value, place) => Math.round(value - values[place]!)));
      expect(gaps.size).toBe(1);
      expect(count - values.at(-1)!).toBeLessThanOrEqual([...gaps][0]! + 1);
    }
  });

  it("leave the page as it would be without them", async () => {
    const plain = createPrometheusMetrics();
    const { metrics } = collectFigures(createPrometheusMetrics());
    for (const each of [plain, metrics]) {
      answer(each, "ok", "200", 0.02);
      each.watch("stygig_workers", () => 2, { pool: "decoder" });
      each.replace("stygig_encoder_rung", [[{ provider: "cpu", precision: "int8" }, 1]]);
    }
    const ours = async (each: Collected) => (await each.page()).text.match(/^stygig_.*$/gm);
    expect(await ours(metrics)).toEqual(await ours(plain));
  });
});
