import { describe, expect, it } from "vitest";
import { fitCalibration, toConfidence, uncalibrated } from "../../../src/domain/vote-confidence.js";

/** Votes won with these shares, of which so many in a hundred were right. */
function judged(accuracies: Readonly<Record<string, number>>) {
  return Object.entries(accuracies).flatMap(([share, right]) =>
    Array.from({ length: 100 }, (_, i) => ({ share: Number(share), right: i < right })),
  );
}

describe("the confidence of a vote", () => {
  it("follows what votes of such a share were worth", () => {
    const line = fitCalibration(judged({ 0.4: 35, 0.6: 60, 0.8: 78, 1: 93 }));
    for (const [share, right] of [
      [0.4, 0.35],
      [0.6, 0.6],
      [0.8, 0.78],
      [1, 0.93],
    ] as const) {
      expect(toConfidence(share, 5, line)).toBeGreaterThan(right - 0.1);
      expect(toConfidence(share, 5, line)).toBeLessThan(right + 0.1);
    }
  });

  it("rises with the share and stays inside (0, 1)", () => {
    const line = fitCalibration(judged({ 0.5: 40, 1: 90 }));
    const confidences = [0.2, 0.4, 0.6, 0.8, 1].map((share) => toConfidence(share, 5, line));
    expect(confidences).toEqual([...confidences].sort((first, second) => first - second));
    expect(confidences.every((each) => each > 0 && each < 1)).toBe(true);
  });

  it.each([
    ["too few votes", judged({ 1: 90 }).slice(0, 49)],
    ["votes that are all alike", judged({ 1: 100 })],
    ["votes that are right more often the less clear they are", judged({ 0.5: 95, 1: 20 })],
  ])("is Laplace's rule of succession over %s", (_what, votes) => {
    const line = fitCalibration(votes);
    expect(line).toEqual(uncalibrated);
    expect(toConfidence(1, 5, line)).toBeCloseTo(6 / 7, 12);
    expect(toConfidence(0.5, 2, line)).toBe(0.5);
  });
});
