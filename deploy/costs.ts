import type { EndpointState, VariantState } from "./endpoint-state.js";
import { hoursPerMonth } from "./planner/costs.js";
import { findPrice, pricedRegions, serverlessUsdPerGbSecond } from "./planner/prices.js";

/** What a variant costs by being there, whether or not anybody asks. */
export type VariantCost = Readonly<{
  variant: string;
  /** Such as `2 x ml.g4dn.xlarge`. */
  what: string;
  /** Null where it is not known, for which `basis` has the reason. */
  usdPerHour: number | null;
  basis: string;
  /** At the least and at the most that automatic scaling may set; null where nothing scales, or a price is not known. */
  scaledUsdPerHour: readonly [least: number, most: number] | null;
  /** What comes on top with use; null where nothing does. */
  withUse: string | null;
}>;

export type Costs = Readonly<{
  variants: readonly VariantCost[];
  /** Of all variants together; null where one of them is not known. A month has 730 hours. */
  usdPerHour: number | null;
  usdPerMonth: number | null;
  /** What the figures leave out or do not tell. */
  notes: readonly string[];
}>;

/** Where the serverless price was read. */
const serverlessRegion = "us-east-1";

/** What an endpoint costs now, by dated prices. */
export function toCosts(state: EndpointState, region: string): Costs {
  const variants = state.variants.map((variant) => costOf(variant, state, region));
  const isKnown = variants.length > 0 && variants.every(({ usdPerHour }) => usdPerHour !== null);
  const usdPerHour = isKnown ? variants.reduce((sum, each) => sum + (each.usdPerHour ?? 0), 0) : null;
  const usdPerMonth = usdPerHour === null ? null : usdPerHour * hoursPerMonth;
  return { variants, usdPerHour, usdPerMonth, notes: toNotes(state) };
}

function costOf(variant: VariantState, state: EndpointState, region: string): VariantCost {
  return variant.serverless === null
    ? instanceCost(variant, state, region)
    : serverlessCost(variant.name, variant.serverless, region);
}

function instanceCost(
  { name, instanceType, currentCount, scaling }: VariantState,
  state: EndpointState,
  region: string,
): VariantCost {
  const what = `${currentCount ?? "?"} x ${instanceType ?? "an unknown type"}`;
  const price = instanceType === null ? { reason: "its configuration is deleted" } : priceOf(instanceType, region);
  const unknown = { variant: name, what, usdPerHour: null, scaledUsdPerHour: null, withUse: null };
  if ("reason" in price) return { ...unknown, basis: price.reason };
  const each = price.usdPerHour;
  const scaledUsdPerHour = scaling === null ? null : ([scaling.min * each, scaling.max * each] as const);
  if (currentCount === null) {
    return { ...unknown, scaledUsdPerHour, basis: `how many instances run is not told while it is ${state.status}` };
  }
  return {
    ...{ variant: name, what, scaledUsdPerHour, basis: `${each} USD an hour each: ${price.source}` },
    usdPerHour: currentCount * each,
    withUse: currentCount === 0 ? `${each} USD an hour for each instance that requests wake` : null,
  };
}

function priceOf(instanceType: string, region: string) {
  const price = findPrice(instanceType, region);
  if (price === undefined) {
    return { reason: `no dated price of ${instanceType} in ${region} (prices are of ${pricedRegions.join(", ")})` };
  }
  if (price.usdPerHour === null) return { reason: `${price.source} of ${instanceType}` };
  const date = price.asOf === null ? "undated" : `of ${price.asOf}`;
  return { usdPerHour: price.usdPerHour, source: `${price.source}, ${date}, trust ${price.trust}` };
}

function serverlessCost(
  variant: string,
  { memoryMb, provisionedConcurrency }: NonNullable<VariantState["serverless"]>,
  region: string,
): VariantCost {
  const gb = memoryMb / 1024;
  const perSecond = Number((gb * serverlessUsdPerGbSecond).toPrecision(6));
  const withUse =
    region === serverlessRegion
      ? `${perSecond} USD a second of work (${gb} GB x ${serverlessUsdPerGbSecond.toFixed(5)} USD)`
      : `a price for each second of work, not known in ${region}`;
  const common = { variant, scaledUsdPerHour: null, withUse };
  if (provisionedConcurrency === null) {
    return { ...common, what: `serverless, ${memoryMb} MB`, usdPerHour: 0, basis: "nothing while nobody asks" };
  }
  const what = `serverless, ${memoryMb} MB, ${provisionedConcurrency} kept warm`;
  return { ...common, what, usdPerHour: null, basis: "no dated price of provisioned concurrency" };
}

function toNotes({ status, variants }: EndpointState): readonly string[] {
  const notes: string[] = [];
  if (status === "Updating" || status === "RollingBack") {
    notes.push("while it is updated, instances of both configurations are paid for");
  }
  if (status === "Failed") notes.push("it has failed, and can only be taken away: `stygig deploy teardown`");
  if (variants.length === 0) notes.push(`what runs is not told while it is ${status}`);
  notes.push("not in it: disks, data in and out, requests to S3 and SNS, alarms, log lines, taxes, discounts");
  return notes;
}
