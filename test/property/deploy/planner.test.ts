import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Demand, type DemandFlags, parseDemand } from "../../../deploy/planner/demand.js";
import { instanceTable } from "../../../deploy/planner/instance-facts.js";
import { fitLatency, latencyAt } from "../../../deploy/planner/latency-model.js";
import type { Measurement } from "../../../deploy/planner/measurement.js";
import { planDemand } from "../../../deploy/planner/plan.js";
import { estimatedShare } from "../../../deploy/planner/quote-instances.js";
import { referenceMeasurement, shippedMeasurements } from "../../../deploy/planner/shipped-measurements.js";

const runs = { numRuns: 300 };

const measurement: fc.Arbitrary<Measurement> = fc
  .record({
    instanceType: fc.constantFrom(...instanceTable.map(({ type }) => type)),
    lanes: fc.integer({ min: 1, max: 64 }),
    sustainedRps: fc.double({ min: 0.1, max: 5000, noNaN: true }),
    idleP50Ms: fc.option(fc.double({ min: 0.1, max: 2000, noNaN: true })),
    utilization: fc.double({ min: 0, max: 0.99, noNaN: true }),
    arrivals: fc.constantFrom("constant" as const, "poisson" as const),
    p50Ms: fc.double({ min: 0.1, max: 2000, noNaN: true }),
    more: fc.double({ min: 0, max: 5000, noNaN: true }),
    precision: fc.constantFrom("int8" as const, "fp32" as const, "int8-7bit" as const),
  })
  .map(({ more, ...row }) => ({ ...referenceMeasurement, ...row, p99Ms: row.p50Ms + more }));

const measurements = fc
  .array(measurement, { maxLength: 6 })
  .map((rows): readonly Measurement[] => [...shippedMeasurements, ...rows]);

const demand: fc.Arbitrary<Demand> = fc.record({
  rps: fc.double({ min: 0.001, max: 5000, noNaN: true }),
  p95Ms: fc.double({ min: 1, max: 5000, noNaN: true }),
  mode: fc.constantFrom("auto" as const, "sync" as const, "serverless" as const),
  gpu: fc.constantFrom("never" as const, "auto" as const, "always" as const),
  budgetUsd: fc.option(fc.double({ min: 1, max: 100_000, noNaN: true })),
  headroom: fc.double({ min: 0, max: 0.95, noNaN: true }),
  region: fc.constantFrom("us-east-1", "us-west-2", "eu-west-1"),
  precision: fc.constantFrom("int8" as const, "fp32" as const),
  architecture: fc.constantFrom("amd64" as const, "arm64" as const),
});

/** What the chosen quote costs; more than anything where nothing can be had. */
function costOf(wanted: Demand, rows: readonly Measurement[]): number {
  return planDemand(wanted, rows).chosen?.monthlyUsd ?? Number.POSITIVE_INFINITY;
}

describe("a plan", () => {
  test("never costs less for more looks a second", () => {
    fc.assert(
      fc.property(demand, measurements, fc.double({ min: 1, max: 10, noNaN: true }), (wanted, rows, factor) => {
        const more = { ...wanted, rps: wanted.rps * factor };
        expect(costOf(more, rows)).toBeGreaterThanOrEqual(costOf(wanted, rows));
      }),
      runs,
    );
  });

  test("never costs less for a tighter target", () => {
    fc.assert(
      fc.property(demand, measurements, fc.double({ min: 0.01, max: 1, noNaN: true }), (wanted, rows, factor) => {
        const tighter = { ...wanted, p95Ms: wanted.p95Ms! * factor };
        expect(costOf(tighter, rows)).toBeGreaterThanOrEqual(costOf(wanted, rows));
      }),
      runs,
    );
  });

  test("holds target, budget and bound in every quote, and chooses the first", () => {
    fc.assert(
      fc.property(demand, measurements, (wanted, rows) => {
        const { quotes, chosen, reason } = planDemand(wanted, rows);
        expect(chosen).toBe(quotes[0] ?? null);
        expect(reason).toMatch(/^[^\n]+$/);
        for (const quote of quotes) {
          expect(quote.monthlyUsd).toBeLessThanOrEqual(wanted.budgetUsd ?? Number.POSITIVE_INFINITY);
          expect(quote.monthlyUsd).toBeGreaterThanOrEqual(chosen!.monthlyUsd);
          expect(quote.p95Ms! / wanted.p95Ms!).toBeLessThanOrEqual(1 + 1e-9);
          const most = quote.basis === "estimated" && quote.mode === "sync" ? estimatedShare : 1;
          expect(quote.utilization / Math.min(1 - wanted.headroom, most)).toBeLessThanOrEqual(1 + 1e-9);
          expect(Number.isInteger(quote.count) && quote.count > 0).toBe(true);
        }
      }),
      runs,
    );
  });

  test("answers for every instance type once: a quote or a reason", () => {
    fc.assert(
      fc.property(demand, measurements, (wanted, rows) => {
        const { quotes, rejected } = planDemand({ ...wanted, mode: "sync" }, rows);
        const names = [...quotes, ...rejected].map(({ name }) => name).sort();
        expect(names).toEqual(instanceTable.map(({ type }) => type).sort());
      }),
      runs,
    );
  });
});

test("what looks take grows with load and percentile, whatever was measured", () => {
  const share = fc.double({ min: 0, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(measurement, share, share, fc.constantFrom(0.5, 0.95), (row, one, other, percentile) => {
      const model = fitLatency(row);
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const [before, after] = [latencyAt(model, low, percentile), latencyAt(model, high, percentile)];
      expect(before).toBeGreaterThan(0);
      expect(after).toBeGreaterThanOrEqual(before);
      expect(latencyAt(model, low, 0.99)).toBeGreaterThanOrEqual(before);
    }),
    runs,
  );
});

test("flags never throw, and make a demand or problems", () => {
  const text = fc.option(
    fc.oneof(fc.string(), fc.constantFrom("20", "0.5", "auto", "sync", "batch", "never", "int8")),
    { nil: undefined },
  );
  const flags = fc.record({
    rps: text,
    p95Ms: text,
    mode: text,
    gpu: text,
    budgetUsd: text,
    headroom: text,
    region: text,
  });
  fc.assert(
    fc.property(flags, (given) => {
      const parsed = parseDemand(JSON.parse(JSON.stringify(given)) as DemandFlags);
      expect("value" in parsed ? Number.isFinite(parsed.value.rps) : parsed.problems.length > 0).toBe(true);
    }),
    runs,
  );
});
