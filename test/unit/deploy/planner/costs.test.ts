import { describe, expect, test } from "vitest";
import {
  breakEvenRps,
  fleetUsdPerHour,
  hoursOfWork,
  rpsToMatch,
  usdPerMillion,
} from "../../../../deploy/planner/costs.js";
import { instanceTable } from "../../../../deploy/planner/instance-facts.js";
import { prices } from "../../../../deploy/planner/prices.js";

// The guides' prices and rates, as they state them (v4-behaviour.md, sections 15 and 18).
const m5Large = { usdPerHour: 0.115, usableRps: 6 / 60 };
const g4dnXlarge = { usdPerHour: 0.736, usableRps: 30 / 60 };

describe("the guides' errors do not come back", () => {
  test("10,000 products at 570 ms take 1.58 hours, not 16", () => {
    expect(hoursOfWork(10_000, 570)).toBeCloseTo(1.58, 2);
  });

  test("a GPU is not cheaper above 360 looks an hour: five m5.large do 1,800 for less", () => {
    expect(fleetUsdPerHour(m5Large, 361 / 3600)).toBeCloseTo(0.23, 9);
    expect(fleetUsdPerHour(m5Large, 1800 / 3600)).toBeCloseTo(0.575, 9);
    expect(fleetUsdPerHour(g4dnXlarge, 1800 / 3600)).toBeCloseTo(0.736, 9);
    expect(breakEvenRps(m5Large, g4dnXlarge)).toBeNull();
  });

  test("the price of eight GPUs is held against the rate of eight", () => {
    const [price, oneGpu] = [32.77, 5.4];
    expect(usdPerMillion(price, oneGpu)).toBeCloseTo(1685.7, 1);
    expect(usdPerMillion(price, 8 * oneGpu)).toBeCloseTo(1685.7 / 8, 1);
  });

  test.each([
    ["g4dn.xlarge at 4 a second", 0.736, 4, 51],
    ["m5.large at 1.75", 0.115, 1.75, 18],
    ["c5.large at 2.17", 0.096, 2.17, 12],
  ])("a million on %s", (_what, price, rate, usd) => {
    expect(Math.round(usdPerMillion(price, rate))).toBe(usd);
  });
});

describe("the break-even", () => {
  test("is where one more small instance costs more than the large one", () => {
    expect(breakEvenRps({ usdPerHour: 1, usableRps: 10 }, { usdPerHour: 2.5, usableRps: 100 })).toBe(20);
    expect(breakEvenRps({ usdPerHour: 1, usableRps: 10 }, { usdPerHour: 0.5, usableRps: 10 })).toBe(0);
  });

  test("at V4's own rates asks four times the GPU's price of the CPU's rate", () => {
    expect(rpsToMatch(m5Large, g4dnXlarge.usdPerHour)).toBeCloseTo(0.64, 9);
  });
});

describe("prices", () => {
  test("are of types whose size is known, each type once in a region", () => {
    const types = instanceTable.map(({ type }) => type);
    expect(prices.filter(({ instanceType }) => !types.includes(instanceType))).toEqual([]);
    const rows = prices.flatMap(({ instanceType, regions }) => regions.map((region) => `${instanceType} ${region}`));
    expect(new Set(rows).size).toBe(rows.length);
  });

  test("name their source; where there is none there is no price", () => {
    for (const { usdPerHour, source } of prices) {
      expect(source).not.toBe("");
      expect(usdPerHour === null).toBe(source === "no source names a price");
    }
  });
});
