import { describe, expect, test } from "vitest";
import type { ChooseInstance } from "../../../../deploy/choose-instance.js";
import { createChooseInstance } from "../../../../deploy/planner/choose-by-flags.js";
import { shippedMeasurements } from "../../../../deploy/planner/shipped-measurements.js";

describe("the flags of deploy", () => {
  const choose: ChooseInstance = createChooseInstance(shippedMeasurements, undefined);

  test("ask for one look a second within 200 ms unless they say otherwise", () => {
    const usual = choose("sync", {});
    expect("value" in usual && usual.value.reason).toContain("for 1 looks a second with 95 % within 200 ms");
    const asked = choose("sync", { rps: "200", "p95-ms": "150", "image-arch": "amd64" });
    expect("value" in asked && asked.value.reason).toContain("for 200 looks a second with 95 % within 150 ms");
    expect(choose("async", {})).toMatchObject({ value: { basis: "estimated" } });
    expect(choose("batch", { rps: "3" })).toMatchObject({ value: { instanceType: expect.stringContaining("ml.") } });
  });

  test("tell every problem, and refuse what cannot be had unless forced", () => {
    expect(choose("sync", { rps: "many", gpu: "some" })).toMatchObject({
      problems: [/--rps/, /--gpu/].map((each) => expect.stringMatching(each)),
    });
    const dear = { rps: "100", "budget-usd": "10" };
    const refused = choose("sync", dear);
    expect("problems" in refused && refused.problems).toEqual([
      expect.stringMatching(/^--instance-type auto: nothing serves .*; --force takes the nearest$/),
    ]);
    expect(choose("sync", { ...dear, force: true })).toMatchObject({
      value: { reason: expect.stringMatching(/^forced, though nothing serves/) },
    });
  });

  test("leave the region to the environment", () => {
    const elsewhere = createChooseInstance(shippedMeasurements, "eu-west-1");
    expect(elsewhere("sync", {})).toMatchObject({ problems: [expect.stringContaining("eu-west-1")] });
    expect(elsewhere("sync", { region: "us-west-2" })).toHaveProperty("value");
  });
});
