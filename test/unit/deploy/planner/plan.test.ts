import { describe, expect, test } from "vitest";
import { chooseInstance } from "../../../../deploy/planner/choose-instance.js";
import type { Demand } from "../../../../deploy/planner/demand.js";
import type { Measurement } from "../../../../deploy/planner/measurement.js";
import { planDemand } from "../../../../deploy/planner/plan.js";
import { planAsV4 } from "../../../../deploy/planner/policy-v4.js";
import { serverlessUsdPerGbSecond } from "../../../../deploy/planner/prices.js";
import { referenceMeasurement, shippedMeasurements } from "../../../../deploy/planner/shipped-measurements.js";

function aDemand(changes: Partial<Demand> = {}): Demand {
  return {
    rps: 20,
    p95Ms: 200,
    mode: "auto",
    gpu: "auto",
    budgetUsd: null,
    headroom: 0.3,
    region: "us-east-1",
    precision: "int8",
    architecture: "amd64",
    ...changes,
  };
}

const plan = (changes: Partial<Demand> = {}, rows: readonly Measurement[] = shippedMeasurements) =>
  planDemand(aDemand(changes), rows);

function aMeasurement(instanceType: string, changes: Partial<Measurement> = {}): Measurement {
  return { ...referenceMeasurement, machine: instanceType, instanceType, ...changes } as Measurement;
}

describe("a plan", () => {
  test("takes the cheapest that holds the target, and says why", () => {
    const { chosen, reason, quotes } = plan();
    expect(chosen).toMatchObject({ name: "ml.c6i.xlarge", count: 1, basis: "estimated", mode: "sync" });
    expect(chosen!.monthlyUsd).toBeCloseTo(0.204 * 730, 9);
    expect(chosen!.usdPerMillion).toBeCloseTo((0.204 / 3600 / 20) * 1e6, 9);
    expect(chosen!.usdPerThousand).toBeCloseTo(chosen!.usdPerMillion / 1000, 12);
    expect(reason).toContain("1 x ml.c6i.xlarge is the cheapest for 20 looks a second with 95 % within 200 ms");
    expect(quotes.map(({ monthlyUsd }) => monthlyUsd)).toEqual(
      quotes.map((each) => each.monthlyUsd).sort((a, b) => a - b),
    );
  });

  test("quotes no type without a price, without a figure, or for another image", () => {
    const { quotes, rejected } = plan({ p95Ms: 10_000 });
    const reasonFor = (type: string) => rejected.find(({ name }) => name === type)?.reason;
    expect(reasonFor("ml.c7i.2xlarge")).toBe("no price of ml.c7i.2xlarge is known in us-east-1");
    expect(reasonFor("ml.g5.xlarge")).toContain("nothing was ever timed on ml.g5.xlarge (A10G)");
    expect(reasonFor("ml.c7g.large")).toBe("ml.c7g.large runs arm64, the image is for amd64");
    for (const { name } of rejected) expect(quotes.map((quote) => quote.name)).not.toContain(name);
  });

  test("loads an estimate by half at most, a measured type by what the headroom leaves", () => {
    expect(plan({ rps: 39 }).quotes.find(({ name }) => name === "ml.c7i.xlarge")?.count).toBe(1);
    expect(plan({ rps: 40 }).quotes.find(({ name }) => name === "ml.c7i.xlarge")?.count).toBe(2);
    const measured = plan({ rps: 40 }, [aMeasurement("ml.c7i.xlarge")]).quotes.find(
      ({ name }) => name === "ml.c7i.xlarge",
    );
    expect(measured).toMatchObject({ count: 1, basis: "measured" });
    expect(measured!.evidence).toContain("measured on 2026-11-21 at 5a2e978");
  });

  test("believes the newest measurement of a type, and a measurement before any estimate", () => {
    const rows = [
      aMeasurement("ml.c7i.xlarge", { date: "2026-12-02", sustainedRps: 60 }),
      aMeasurement("ml.c7i.xlarge", { date: "2026-12-01", sustainedRps: 90 }),
      aMeasurement("ml.c7i.xlarge", { date: "2026-12-03", precision: "fp32", sustainedRps: 10 }),
    ];
    const { evidence } = plan({}, rows).quotes.find(({ name }) => name === "ml.c7i.xlarge")!;
    expect(evidence).toContain("measured on 2026-12-02");
    const fp32 = plan({ precision: "fp32", rps: 5, p95Ms: 5000 }, rows).quotes.find(
      ({ name }) => name === "ml.c7i.xlarge",
    )!;
    expect(fp32.evidence).toContain(": 10 looks a second");
  });

  test("names the missing VNNI, the price's trust, the quota and the update's double fleet", () => {
    const warnings = plan()
      .quotes.find(({ name }) => name === "ml.c5.xlarge")!
      .warnings.join("\n");
    expect(warnings).toContain("may come without VNNI");
    expect(warnings).toContain("of medium trust");
    expect(warnings).toContain("needs a quota of 4 for ml.c5.xlarge");
    const gpu = plan({ gpu: "always", p95Ms: 400 }).chosen!;
    expect(gpu.name).toBe("ml.g4dn.xlarge");
    expect(gpu.warnings.join("\n")).toContain(
      "driver 470 unless InferenceAmiVersion is al2023-ami-sagemaker-inference-gpu-4-1",
    );
    expect(gpu.warnings.join("\n")).toContain("quota of 0 for ml.g4dn.xlarge");
    const arm = plan({ architecture: "arm64" }).chosen!;
    expect(arm.name).toMatch(/^ml\.c7g\./);
    expect(arm.warnings.join("\n")).toContain("must be built for arm64");
  });

  test("shows what the other modes would cost", () => {
    const { alternatives } = plan();
    expect(alternatives.map(({ mode }) => mode)).toEqual(["async", "serverless", "batch"]);
    const serverless = alternatives.find(({ mode }) => mode === "serverless")!;
    const [gb, seconds] = [...serverless.formula.matchAll(/([\d.]+) (?:GB|s)/g)].map(([, number]) => Number(number));
    expect(serverless.usdPerMillion).toBeCloseTo(gb! * seconds! * serverlessUsdPerGbSecond * 1e6, 1);
  });

  test("says what a GPU must do to pay, and that at V4's figures it never does", () => {
    const { breakEven } = plan();
    expect(breakEven.find(({ gpu }) => gpu === "ml.g4dn.xlarge")).toMatchObject({ rps: null });
    expect(breakEven.find(({ gpu }) => gpu === "ml.g4dn.xlarge")!.text).toContain("never cheaper");
    expect(breakEven.find(({ gpu }) => gpu === "ml.g6.xlarge")!.text).toContain("its rate was never measured");
    const fast = [aMeasurement("ml.g4dn.xlarge", { sustainedRps: 1000, precision: "fp16", lanes: 1 })];
    expect(plan({}, fast).breakEven.find(({ gpu }) => gpu === "ml.g4dn.xlarge")!.rps).toBeGreaterThan(100);
  });
});

describe("a refusal is one sentence", () => {
  test.each<[string, Partial<Demand>, string]>([
    ["too slow", { p95Ms: 5 }, /without any load, the target is 5 ms$/.source],
    ["too dear", { budgetUsd: 100 }, "1 x ml.c6i.xlarge: 148.92 USD a month, more than the budget of 100$"],
    ["a region without prices", { region: "eu-west-1" }, "prices are known of us-east-1 and us-west-2 alone"],
    ["a GPU within V4's own figures", { gpu: "always" }, "ml.g4dn.xlarge takes .* the target is 200 ms"],
    ["a fleet beyond all limits", { rps: 1_000_000 }, "x ml\\.[a-z0-9.]+ are more than the 1000 that sync may have$"],
    ["async at once", { mode: "async", p95Ms: 1000 }, "after up to 8 minutes"],
    ["GPU batch", { mode: "batch", p95Ms: null, gpu: "always" }, "^nothing serves 20 looks a second:"],
  ])("%s", (_what, changes, told) => {
    const { chosen, reason } = plan(changes);
    expect(chosen).toBeNull();
    expect(reason).toMatch(new RegExp(told));
    expect(reason).not.toContain("\n");
  });
});

describe("the other modes", () => {
  test("batch bills the hours of its jobs, and takes neither c5.large nor Graviton", () => {
    const { chosen, quotes } = plan({ mode: "batch", p95Ms: null, rps: 1 }, [aMeasurement("ml.c7i.xlarge")]);
    expect(chosen!.usdPerMillion).toBeCloseTo((0.21 / 3600 / referenceMeasurement.sustainedRps) * 1e6, 9);
    expect(quotes.map(({ name }) => name)).not.toContain("ml.c5.large");
    const arm = plan({ mode: "batch", p95Ms: null, architecture: "arm64" });
    expect(arm.chosen).toBeNull();
  });

  test("async holds no target but one longer than waking up takes", () => {
    expect(plan({ mode: "async", p95Ms: null }).chosen).toMatchObject({ mode: "async", p95Ms: null });
    expect(plan({ mode: "async", p95Ms: 600_000 }).chosen).not.toBeNull();
  });

  test("serverless stops at a concurrency of 200", () => {
    expect(plan({ mode: "serverless", p95Ms: 1000 }).chosen!.name).toMatch(/^serverless \d+ MB$/);
    const { chosen, reason } = plan({ mode: "serverless", p95Ms: 1000, rps: 10_000 });
    expect(chosen).toBeNull();
    expect(reason).toContain("at most 200");
  });
});

describe("--instance-type auto", () => {
  test("gives type, count and reason", () => {
    expect(chooseInstance({ ...aDemand(), mode: "sync" })).toEqual({
      choice: {
        instanceType: "ml.c6i.xlarge",
        instanceCount: 1,
        requestsPerSecond: expect.closeTo(referenceMeasurement.sustainedRps, 9),
        basis: "estimated",
        reason: expect.stringContaining("is the cheapest"),
        warnings: expect.arrayContaining([expect.stringContaining("was not measured")]),
      },
    });
  });

  test("refuses what cannot be had, with what --force would take", () => {
    const chosen = chooseInstance({ ...aDemand({ budgetUsd: 10 }), mode: "sync" });
    expect(chosen).toMatchObject({
      refusal: expect.stringContaining("more than the budget"),
      nearest: {
        instanceType: "ml.c6i.xlarge",
        warnings: expect.arrayContaining([expect.stringContaining("budget of 10")]),
      },
    });
    expect(chooseInstance({ ...aDemand({ p95Ms: 1 }), mode: "sync" })).toMatchObject({
      nearest: { instanceType: expect.stringContaining("ml.") },
    });
    expect(chooseInstance({ ...aDemand({ region: "eu-west-1" }), mode: "sync" })).toMatchObject({
      refusal: expect.stringContaining("nothing can be quoted in eu-west-1"),
      nearest: { instanceType: "ml.c6i.xlarge" },
    });
  });
});

describe("V4's policy", () => {
  test("prices V4's choice and says what V4 did not look at", () => {
    const v4 = planAsV4(aDemand(), "production", shippedMeasurements);
    expect(v4).toMatchObject({ quote: { name: "ml.g4dn.xlarge", count: 1 } });
    expect("warnings" in v4 && v4.warnings[0]).toContain("5.0 times what it can");
  });

  test.each<[Partial<Demand>, string]>([
    [{ mode: "serverless" }, "no row for serverless"],
    [{ gpu: "never" }, "which --gpu never forbids"],
    [{ budgetUsd: 100 }, "more than the budget of 100"],
    [{ region: "eu-west-1" }, "no price of ml.g4dn.xlarge"],
  ])("refuses %j", (changes, told) => {
    const v4 = planAsV4(aDemand(changes), "production", shippedMeasurements);
    expect("refusal" in v4 && v4.refusal).toContain(told);
  });
});
