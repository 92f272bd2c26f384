import { describe, expect, it } from "vitest";
import { type EmfDocument, emfMembers, toEmfLine } from "../../../src/adapters/emf-line.js";
import { readEmfLine } from "../../support/emf-contract.js";

const document: EmfDocument = {
  namespace: "StyGig",
  dimensions: { EndpointName: "look", VariantName: "canary" },
  figures: [
    { name: "Requests", unit: "Count", values: 12 },
    { name: "Latency", unit: "Milliseconds", values: [1.5, 20, 3] },
    { name: "ResidentMemory", unit: "Bytes", values: 123_456_789 },
    { name: "Ready", unit: "None", values: 1 },
  ],
  timestampMs: 1_795_000_000_123.9,
};

describe("a line of the embedded metric format", () => {
  it("is what CloudWatch's schema asks for, and says each thing once", () => {
    const { _aws, ...members } = readEmfLine(toEmfLine(document));
    expect(_aws.Timestamp).toBe(1_795_000_000_123);
    expect(_aws.CloudWatchMetrics).toEqual([
      {
        Namespace: "StyGig",
        Dimensions: [["EndpointName", "VariantName"]],
        Metrics: document.figures.map(({ name, unit }) => ({ Name: name, Unit: unit })),
      },
    ]);
    expect(members).toEqual({
      ...{ event: "metrics_summed", EndpointName: "look", VariantName: "canary" },
      ...{ Requests: 12, Latency: [1.5, 20, 3], ResidentMemory: 123_456_789, Ready: 1 },
    });
  });

  it("has an empty set of dimensions where there are none", () => {
    const { _aws } = readEmfLine(toEmfLine({ ...document, dimensions: {} }));
    expect(_aws.CloudWatchMetrics[0].Dimensions).toEqual([[]]);
  });

  it("keeps its own members apart from dimensions", () => {
    const members = Object.keys(JSON.parse(toEmfLine({ ...document, dimensions: {}, figures: [] })));
    expect(new Set(members)).toEqual(emfMembers);
  });
});

describe("the check of such a line", () => {
  const good = JSON.parse(toEmfLine(document));
  const [directive] = good._aws.CloudWatchMetrics;
  const withDirective = (changes: object) => ({
    ...good,
    _aws: { ...good._aws, CloudWatchMetrics: [{ ...directive, ...changes }] },
  });
  const metric = (name: string) => ({ Name: name, Unit: "Count" });

  it.each([
    ["no metadata", { Requests: 1 }],
    ["no time", { ...good, _aws: { CloudWatchMetrics: [] } }],
    ["a time in text", { ...good, _aws: { ...good._aws, Timestamp: "now" } }],
    ["a broken millisecond", { ...good, _aws: { ...good._aws, Timestamp: 1.5 } }],
    ["no namespace", withDirective({ Namespace: "" })],
    ["no set of dimensions", withDirective({ Dimensions: [] })],
    ["too many dimensions", withDirective({ Dimensions: [Array.from({ length: 31 }, (_, i) => `D${i}`)] })],
    ["an unknown unit", withDirective({ Metrics: [{ Name: "Requests", Unit: "Furlongs" }] })],
    ["a metric without a value", withDirective({ Metrics: [metric("Nothing")] })],
    ["too many metrics", withDirective({ Metrics: Array.from({ length: 101 }, () => metric("Requests")) })],
    ["a dimension without a value", withDirective({ Dimensions: [["Nothing"]] })],
    ["a dimension that is a number", { ...good, EndpointName: 5 }],
    ["too many values", { ...good, Latency: Array.from({ length: 101 }, () => 1) }],
    ["no values", { ...good, Latency: [] }],
    ["a value that is no number", { ...good, Latency: null }],
  ])("refuses %s", (_what, changed) => {
    expect(() => readEmfLine(JSON.stringify(changed))).toThrow();
  });

  it.each([`${JSON.stringify(good)} x`, `x ${JSON.stringify(good)}`, `${JSON.stringify(good)}\n\n`])(
    "refuses anything around it",
    (line) => {
      expect(() => readEmfLine(line)).toThrow();
    },
  );
});
