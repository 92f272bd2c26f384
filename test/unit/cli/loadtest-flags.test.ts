import { describe, expect, it } from "vitest";
import { type LoadtestFlags, parseLoadtest } from "../../../src/cli/loadtest-flags.js";

/** As commander gives them. */
const usual: LoadtestFlags = {
  arrivals: "constant",
  durationS: "30",
  requests: "100000",
  maxInFlight: "1000",
  drainS: "10",
};

function parse(flags: Partial<LoadtestFlags>) {
  return parseLoadtest({ ...usual, url: "http://a", ...flags });
}

function withoutUrl(flags: Partial<LoadtestFlags>) {
  return parseLoadtest({ ...usual, ...flags });
}

function constant(perSecond: number) {
  return { kind: "open", fromPerSecond: perSecond, toPerSecond: perSecond, spacing: "constant" };
}

describe("the flags of a load test", () => {
  it.each<[Partial<LoadtestFlags>, unknown]>([
    [{}, constant(10)],
    [{ rate: "2.5" }, constant(2.5)],
    [
      { rate: "5", arrivals: "poisson" },
      { ...constant(5), spacing: "poisson" },
    ],
    [{ ramp: "0:40" }, { kind: "open", fromPerSecond: 0, toPerSecond: 40, spacing: "constant" }],
    [{ ramp: "40:0.5" }, { kind: "open", fromPerSecond: 40, toPerSecond: 0.5, spacing: "constant" }],
    [{ concurrency: "8" }, { kind: "closed", callers: 8 }],
    [{ policy: "v4" }, { kind: "closed", callers: 100 }],
    [{ policy: "v4", rate: "3" }, constant(3)],
    [{ findCapacity: true }, null],
  ])("%j say how requests come", (flags, arrivals) => {
    expect(parse(flags)).toMatchObject({ value: { arrivals } });
  });

  it("hold the policy's limits, unless others are given", () => {
    const none = { maxP99Ms: null, maxP95Ms: null, maxErrors: null, minPerSecond: null };
    expect(parse({})).toMatchObject({ value: { thresholds: none } });
    expect(parse({ policy: "v4" })).toMatchObject({ value: { thresholds: { ...none, maxP99Ms: 300, maxErrors: 0 } } });
    const own = { policy: "v4", maxP99Ms: "120", maxErrors: "3", maxP95Ms: "80.5", minRps: "10" };
    expect(parse(own)).toMatchObject({
      value: { thresholds: { maxP99Ms: 120, maxErrors: 3, maxP95Ms: 80.5, minPerSecond: 10 } },
    });
  });

  it("name a server, an endpoint or one of its variants", () => {
    expect(withoutUrl({ endpoint: "looks:blue" })).toMatchObject({
      value: { target: { kind: "endpoint", endpointName: "looks", variant: "blue" } },
    });
    expect(parse({})).toMatchObject({ value: { target: { kind: "url", url: "http://a" } } });
  });

  it.each<[Partial<LoadtestFlags>, string]>([
    [{ endpoint: "b" }, "give either --url or --endpoint"],
    [{ rate: "1", ramp: "1:2" }, "give one of --rate, --ramp"],
    [{ rate: "0" }, '--rate "0" is not a number above 0'],
    [{ rate: "1e3" }, '--rate "1e3"'],
    [{ rate: " 1" }, '--rate " 1"'],
    [{ rate: "999999" }, "to 20000"],
    [{ ramp: "5" }, "is not FROM:TO"],
    [{ ramp: "5:6:7" }, "is not FROM:TO"],
    [{ ramp: "5:0" }, "--ramp"],
    [{ concurrency: "1.5" }, "is not a whole number"],
    [{ concurrency: "5000" }, "to 1024"],
    [{ durationS: "0" }, "--duration-s"],
    [{ durationS: "86401" }, "--duration-s"],
    [{ requests: "-1" }, "--requests"],
    [{ requests: "" }, "--requests"],
    [{ maxErrors: "-1" }, "--max-errors"],
    [{ topK: "0" }, "--top-k"],
    [{ image: ["a"], photos: "b" }, "give either --image or --photos"],
  ])("%j are refused", (flags, problem) => {
    const parsed = parse(flags);
    expect("problems" in parsed && parsed.problems.join("\n")).toContain(problem);
  });

  it.each(["", "http://a", "a b", "a:b:c", "-a"])("an endpoint is not called %j", (endpoint) => {
    expect(withoutUrl({ endpoint })).toHaveProperty("problems");
  });

  it("tell everything that is wrong at once", () => {
    const parsed = withoutUrl({ rate: "0", durationS: "x", maxP99Ms: "no", saveMeasurement: "m.json" });
    expect("problems" in parsed && parsed.problems).toEqual([
      "give either --url or --endpoint",
      expect.stringContaining("--rate"),
      expect.stringContaining("--duration-s"),
      expect.stringContaining("--max-p99-ms"),
      expect.stringContaining("needs --find-capacity"),
      expect.stringContaining("--instance-type or --machine"),
      expect.stringContaining("--lanes"),
      expect.stringContaining("--commit"),
    ]);
  });
});
