import { describe, expect, test } from "vitest";
import { coreSpeed, estimateInstance } from "../../../../deploy/planner/estimate.js";
import { findInstance, instanceTable } from "../../../../deploy/planner/instance-facts.js";
import { erlangC, fitLatency, latencyAt, utilizationWithin } from "../../../../deploy/planner/latency-model.js";
import { referenceMeasurement } from "../../../../deploy/planner/shipped-measurements.js";

describe("Erlang's C", () => {
  // M/M/c, by the textbook's closed forms: c = 1 gives u, c = 2 gives 2u²/(1 + u).
  test.each([
    [1, 0.7, 0.7],
    [2, 0.7, (2 * 0.49) / 1.7],
    [2, 0.5, 1 / 3],
    [4, 0.5, 0.173_913],
  ])("of %i lanes at utilization %d is %d", (lanes, utilization, expected) => {
    expect(erlangC(lanes, utilization)).toBeCloseTo(expected, 5);
  });

  test("stays a number for hundreds of lanes", () => {
    expect(erlangC(1000, 0.99)).toBeGreaterThan(0);
    expect(erlangC(1000, 0.99)).toBeLessThan(1);
  });
});

/** What the model says of the load it was fitted to, whose looks came at fixed instants. */
function asMeasured() {
  const model = fitLatency(referenceMeasurement);
  return { ...model, variability: model.variability - 0.5 };
}

describe("the latency model", () => {
  test("goes through the reference's points: a lane's own work, and p50 and p99 at 70 %", () => {
    const model = asMeasured();
    // The lone caller had both lanes on one picture; beside others nobody has.
    expect(latencyAt(model, 0, 0.5)).toBeCloseTo(2000 / referenceMeasurement.sustainedRps, 9);
    expect(latencyAt(model, 0, 0.5)).toBeGreaterThan(referenceMeasurement.idleP50Ms);
    expect(latencyAt(model, 0.7, 0.5)).toBeCloseTo(referenceMeasurement.p50Ms, 9);
    expect(latencyAt(model, 0.7, 0.99)).toBeCloseTo(referenceMeasurement.p99Ms, 9);
  });

  test("expects looks by chance to wait longer than those at fixed instants", () => {
    const model = fitLatency(referenceMeasurement);
    expect(latencyAt(model, 0.7, 0.95)).toBeGreaterThan(1.5 * latencyAt(asMeasured(), 0.7, 0.95));
    const byChance = fitLatency({ ...referenceMeasurement, arrivals: "poisson" });
    expect(latencyAt(byChance, 0.7, 0.99)).toBeGreaterThanOrEqual(referenceMeasurement.p99Ms);
  });

  test("goes through a lone caller who is no faster than a lane", () => {
    const model = fitLatency({ ...referenceMeasurement, idleP50Ms: 26 });
    expect(latencyAt(model, 0, 0.95)).toBe(26);
  });

  test("takes a lone caller's percentiles for the work itself", () => {
    const model = fitLatency({
      ...referenceMeasurement,
      utilization: 0,
      lanes: 1,
      sustainedRps: 4,
      p50Ms: 230,
      p99Ms: 400,
      idleP50Ms: 230,
    });
    expect(latencyAt(model, 0, 0.5)).toBe(230);
    expect(latencyAt(model, 0, 0.99)).toBeCloseTo(400, 9);
  });

  test("finds the utilization that keeps the target, and none where an idle instance misses it", () => {
    const model = fitLatency(referenceMeasurement);
    const within = utilizationWithin(model, 100, 0.99)!;
    expect(latencyAt(model, within, 0.95)).toBeCloseTo(100, 6);
    expect(utilizationWithin(model, 10_000, 0.6)).toBe(0.6);
    expect(utilizationWithin(model, 10, 0.9)).toBeNull();
    expect(latencyAt(model, 1, 0.95)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("an estimate", () => {
  test("counts physical cores: half the vCPUs on x64, all of them on Graviton", () => {
    expect(findInstance("ml.c7i.xlarge")).toMatchObject({ vcpus: 4, physicalCores: 2 });
    expect(findInstance("ml.c7g.xlarge")).toMatchObject({ vcpus: 4, physicalCores: 4 });
  });

  test("gives two cores with VNNI the reference's figures, and says that it is an estimate", () => {
    const row = estimateInstance(findInstance("ml.c7i.xlarge")!, "int8", referenceMeasurement)!;
    expect(row.kind).toBe("estimated");
    expect(row.sustainedRps).toBeCloseTo(referenceMeasurement.sustainedRps, 9);
    expect([row.p50Ms, row.p99Ms]).toEqual([
      expect.closeTo(referenceMeasurement.p50Ms, 9),
      expect.closeTo(referenceMeasurement.p99Ms, 9),
    ]);
  });

  test("credits int8 only where it was timed: with VNNI", () => {
    const speed = coreSpeed(referenceMeasurement, "fp32");
    expect(speed).toBeGreaterThan(0.4);
    expect(speed).toBeLessThan(0.45);
    for (const type of ["ml.m5.xlarge", "ml.c5.xlarge", "ml.c7g.large"]) {
      const row = estimateInstance(findInstance(type)!, "int8", referenceMeasurement)!;
      expect(row.sustainedRps).toBeCloseTo(referenceMeasurement.sustainedRps * speed, 9);
      expect(row.kind === "estimated" && row.formula).toContain("never timed");
    }
  });

  test("has no figure for a GPU", () => {
    expect(estimateInstance(findInstance("ml.g5.xlarge")!, "int8", referenceMeasurement)).toBeNull();
  });

  test("is fitted by the model that it was made with", () => {
    for (const instance of instanceTable.filter(({ gpu }) => gpu === null)) {
      const row = estimateInstance(instance, "int8", referenceMeasurement)!;
      const { variability } = fitLatency(row);
      expect(variability).toBeCloseTo(fitLatency(referenceMeasurement).variability, 6);
    }
  });
});
