import { describe, expect, it } from "vitest";
import { type GateValues, judgeGates, qualityGates, toGateLine } from "../../../src/domain/quality-gates.js";

const values: GateValues = {
  "min-vote-accuracy": 0.9,
  "min-category-recall": 0.5,
  "max-calibration-error": 0.1,
  "min-index-recall": 1,
  "min-same-answers": 1,
  "min-color-accuracy": null,
};

describe("the gates", () => {
  it("are those that have a limit, in one order", () => {
    expect(judgeGates({}, values)).toEqual([]);
    const results = judgeGates({ "min-index-recall": 0.99, "min-vote-accuracy": 0.91 }, values);
    expect(results).toEqual([
      { name: "min-vote-accuracy", limit: 0.91, value: 0.9, passed: false },
      { name: "min-index-recall", limit: 0.99, value: 1, passed: true },
    ]);
  });

  it.each([
    ["min-vote-accuracy", 0.9, true],
    ["min-vote-accuracy", 0.9001, false],
    ["max-calibration-error", 0.1, true],
    ["max-calibration-error", 0.0999, false],
    ["min-color-accuracy", 0, false],
  ] as const)("--%s %d: %s", (name, limit, passed) => {
    expect(judgeGates({ [name]: limit }, values)).toMatchObject([{ passed }]);
  });

  it("say in one line what fell short, by how much, or that nothing was measured", () => {
    const lines = judgeGates(Object.fromEntries(qualityGates.map(({ name }) => [name, 0.95])), values)
      .filter(({ passed }) => !passed)
      .map(toGateLine);
    expect(lines).toEqual([
      "--min-vote-accuracy 0.95: the share of photos whose vote is right is 0.9, below it",
      "--min-category-recall 0.95: the least share of one category's photos whose vote is right is 0.5, below it",
      "--min-color-accuracy 0.95: the share of labeled photos whose color is named right could not be measured",
    ]);
    const [error] = judgeGates({ "max-calibration-error": 0.05 }, values);
    expect(toGateLine(error!)).toBe(
      "--max-calibration-error 0.05: the calibration error of the confidence is 0.1, above it",
    );
  });
});
