import { expect, test } from "vitest";
import { parseDemand } from "../../../../deploy/planner/demand.js";

test("two flags make a demand", () => {
  expect(parseDemand({ rps: "20", p95Ms: "200" })).toEqual({
    value: {
      rps: 20,
      p95Ms: 200,
      mode: "auto",
      gpu: "auto",
      budgetUsd: null,
      headroom: 0.3,
      region: "us-east-1",
      precision: "int8",
      architecture: "amd64",
    },
  });
});

test("every problem is told at once", () => {
  const parsed = parseDemand({ rps: "0", mode: "fast", gpu: "maybe", budgetUsd: "-1", headroom: "1", region: "Mars" });
  expect(parsed).toEqual({
    problems: [
      '--mode must be auto, sync, async, serverless or batch, not "fast"',
      '--rps must be a number above 0, at most 1000000, not "0"',
      "--p95-ms is missing: what 95 of 100 looks must stay under",
      '--gpu must be never, auto or always, not "maybe"',
      '--budget-usd must be a number above 0, at most 1000000000, not "-1"',
      '--headroom must be a number from 0, at most 0.95, not "1"',
      '--region must be an AWS region, not "Mars"',
    ],
  });
});

test.each(["", "1e3", "12abc", " 1", "NaN", "Infinity", "0x10", "1.", "1,5", "9".repeat(400)])(
  "%j is no rate",
  (rps) => {
    expect(parseDemand({ rps, p95Ms: "200" })).toHaveProperty("problems");
  },
);

test.each([
  ["async", undefined, null],
  ["batch", undefined, null],
  ["sync", "12.5", 12.5],
])("%s with a p95 of %s", (mode, p95Ms, expected) => {
  const parsed = parseDemand({ rps: "1", mode, ...(p95Ms === undefined ? {} : { p95Ms }) });
  expect("value" in parsed && parsed.value.p95Ms).toBe(expected);
});

test.each([
  [{ rps: "1", mode: "batch", p95Ms: "10" }, "--p95-ms means nothing in batch"],
  [{ rps: "1", mode: "serverless", p95Ms: "10", gpu: "always" }, "serverless endpoints have no GPU"],
])("%j is refused", (flags, told) => {
  const parsed = parseDemand(flags);
  expect("problems" in parsed && parsed.problems.join()).toContain(told);
});
