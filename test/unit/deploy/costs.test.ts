import { describe, expect, it } from "vitest";
import { toCosts } from "../../../deploy/costs.js";
import type { EndpointState, VariantState } from "../../../deploy/endpoint-state.js";
import { prices } from "../../../deploy/planner/prices.js";

const aVariant = (changes: Partial<VariantState> = {}): VariantState => ({
  ...{ name: "AllTraffic", instanceType: "ml.m5.large", serverless: null, scaling: null },
  ...{ currentCount: 2, desiredCount: 2, currentWeight: 1, desiredWeight: 1 },
  ...changes,
});

const anEndpoint = (variants: readonly VariantState[], changes: Partial<EndpointState> = {}): EndpointState => ({
  ...{ name: "look", status: "InService", failureReason: null, configName: "look-0123abcd" },
  ...{ isConfigGone: false, pendingConfigName: null, mode: "sync", variants },
  ...changes,
});

const m5 = prices.find(({ instanceType }) => instanceType === "ml.m5.large")!.usdPerHour!;
const scaling = { dimension: "sagemaker:variant:DesiredInstanceCount", min: 0, max: 4, policies: [] };

describe("what an endpoint costs", () => {
  it("is its instances times their price, a month being 730 hours", () => {
    const { variants, usdPerHour, usdPerMonth } = toCosts(
      anEndpoint([aVariant(), aVariant({ name: "b" })]),
      "us-east-1",
    );
    expect([usdPerHour, usdPerMonth]).toEqual([4 * m5, 4 * m5 * 730]);
    expect(variants[0]).toMatchObject({
      what: "2 x ml.m5.large",
      usdPerHour: 2 * m5,
      withUse: null,
      scaledUsdPerHour: null,
    });
    expect(variants[0]!.basis).toMatch(/^0\.115 USD an hour each: AWS Price List API .*, of 2026-09-01, trust high$/);
  });

  it("is nothing at zero instances, and says what waking costs", () => {
    const asleep = anEndpoint([aVariant({ currentCount: 0, desiredCount: 0, scaling })], { mode: "async" });
    const { variants, usdPerHour } = toCosts(asleep, "us-east-1");
    expect(usdPerHour).toBe(0);
    expect(variants[0]).toMatchObject({
      scaledUsdPerHour: [0, 4 * m5],
      withUse: "0.115 USD an hour for each instance that requests wake",
    });
  });

  it("is by use for serverless, and not known where some of it is kept warm", () => {
    const serverless = { memoryMb: 3072, maxConcurrency: 5, provisionedConcurrency: null };
    const idle = aVariant({ instanceType: null, currentCount: null, desiredCount: null, serverless });
    expect(toCosts(anEndpoint([idle]), "us-east-1")).toMatchObject({
      usdPerHour: 0,
      variants: [{ withUse: "0.00006 USD a second of work (3 GB x 0.00002 USD)", basis: "nothing while nobody asks" }],
    });
    expect(toCosts(anEndpoint([idle]), "eu-west-1").variants[0]!.withUse).toMatch(/not known in eu-west-1$/);
    const warm = { ...idle, serverless: { ...serverless, provisionedConcurrency: 2 } };
    expect(toCosts(anEndpoint([warm]), "us-east-1")).toMatchObject({ usdPerHour: null, usdPerMonth: null });
  });

  it.each([
    ["ml.m5.large", "eu-west-1", "no dated price of ml.m5.large in eu-west-1 (prices are of us-east-1, us-west-2)"],
    ["ml.c7i.2xlarge", "us-east-1", "no source names a price of ml.c7i.2xlarge"],
    [
      "ml.p5.48xlarge",
      "us-east-1",
      "no dated price of ml.p5.48xlarge in us-east-1 (prices are of us-east-1, us-west-2)",
    ],
    [null, "us-east-1", "its configuration is deleted"],
  ])("is not known of %s in %s, and never counted as nothing", (instanceType, region, basis) => {
    const { variants, usdPerHour } = toCosts(anEndpoint([aVariant({ instanceType }), aVariant()]), region);
    expect([variants[0]!.usdPerHour, variants[0]!.basis, usdPerHour]).toEqual([null, basis, null]);
  });

  it("is not known while it is made, and notes what else there is to know", () => {
    const made = toCosts(anEndpoint([], { status: "Creating" }), "us-east-1");
    expect([made.usdPerHour, made.notes[0]]).toEqual([null, "what runs is not told while it is Creating"]);
    const counting = anEndpoint([aVariant({ currentCount: null })], { status: "Updating" });
    const updating = toCosts(counting, "us-east-1");
    expect(updating.variants[0]!.basis).toBe("how many instances run is not told while it is Updating");
    expect(updating.notes[0]).toMatch(/both configurations are paid for/);
    expect(toCosts(anEndpoint([aVariant()], { status: "Failed" }), "us-east-1").notes[0]).toMatch(/teardown/);
  });
});
