/** One dated price. `usdPerHour` is null where no source names one: such a type is never quoted. */
export type Price = Readonly<{
  instanceType: string;
  usdPerHour: number | null;
  regions: readonly string[];
  source: string;
  /** When the source was read or took effect; null for an undated source. */
  asOf: string | null;
  trust: "high" | "medium" | "low";
}>;

const east = ["us-east-1"];
/** Where both were found, the two regions agree on every row. */
const both = ["us-east-1", "us-west-2"];

const priceList = "AWS Price List API (us-west-2, effective 2026-09-01)";
const jupyter = `${priceList}, component Studio-JupyterLab`;
const workbench = "a public price workbench (us-east-1, 2026), rounded to cents";
const fallback = "a public fallback table, undated, region not stated";
const nowhere = "no source names a price";

type Row = readonly [type: string, usdPerHour: number | null];
type Origin = Pick<Price, "source" | "asOf" | "trust" | "regions">;

function rows(origin: Origin, ...list: readonly Row[]): readonly Price[] {
  return list.map(([type, usdPerHour]) => ({ instanceType: `ml.${type}`, usdPerHour, ...origin }));
}

/** USD an hour of real-time and async endpoints, and of transform jobs, billed by the second. */
export const prices: readonly Price[] = [
  ...rows(
    { source: `${priceList}; us-east-1 read 2026-06 and 2026-09`, asOf: "2026-09-01", trust: "high", regions: both },
    ["m5.large", 0.115],
    ["m5.xlarge", 0.23],
    ["m5.2xlarge", 0.461],
    ["m5.4xlarge", 0.922],
    ["g4dn.xlarge", 0.7364],
    ["g4dn.2xlarge", 0.94],
  ),
  ...rows(
    { source: jupyter, asOf: "2026-09-01", trust: "medium", regions: both },
    ["c5.large", 0.102],
    ["c5.xlarge", 0.204],
    ["c5.2xlarge", 0.408],
  ),
  ...rows(
    { source: fallback, asOf: null, trust: "medium", regions: east },
    ["c6i.large", 0.102],
    ["c6i.xlarge", 0.204],
  ),
  ...rows(
    { source: fallback, asOf: null, trust: "low", regions: east },
    ["m6i.large", 0.113],
    ["m6i.xlarge", 0.226],
    ["m6i.2xlarge", 0.452],
  ),
  ...rows(
    { source: workbench, asOf: "2026", trust: "medium", regions: east },
    ["c7i.large", 0.11],
    ["c7i.xlarge", 0.21],
    ["m7i.large", 0.12],
    ["c7g.large", 0.09],
    ["c7g.xlarge", 0.17],
  ),
  ...rows(
    { source: "AWS Pricing API, us-east-1", asOf: "2026-08-17", trust: "high", regions: east },
    ["g5.xlarge", 1.408],
    ["g5.2xlarge", 1.515],
    ["g6e.xlarge", 2.6054],
  ),
  ...rows({ source: "public price list", asOf: "2026", trust: "high", regions: east }, ["g5.4xlarge", 2.03]),
  ...rows(
    { source: "price list, BatchTransform rate", asOf: "2026", trust: "high", regions: east },
    ["g6.xlarge", 1.1267],
    ["g6.2xlarge", 1.222],
    ["g6.4xlarge", 1.654],
  ),
  ...rows(
    {
      source: "AWS Price List API (effective 2026-09-01), notebook component",
      asOf: "2026-09-01",
      trust: "high",
      regions: east,
    },
    ["g7e.2xlarge", 4.2039],
  ),
  ...rows(
    { source: nowhere, asOf: null, trust: "low", regions: east },
    ["c6i.2xlarge", null],
    ["c7i.2xlarge", null],
    ["c6g.large", null],
    ["c6g.xlarge", null],
    ["m6g.large", null],
    ["m6g.xlarge", null],
  ),
];

/** Serverless inference: USD per GB and second of work, from USE1-ServerlessInf:Mem-3GB (0.00006 a second, read 2026-09-09). */
export const serverlessUsdPerGbSecond = 0.000_02;

/** The price of a type in a region; undefined where no row of that region has the type. */
export function findPrice(instanceType: string, region: string): Price | undefined {
  return prices.find((price) => price.instanceType === instanceType && price.regions.includes(region));
}

/** Every region that any price is known for. */
export const pricedRegions: readonly string[] = [...new Set(prices.flatMap(({ regions }) => regions))].sort();
