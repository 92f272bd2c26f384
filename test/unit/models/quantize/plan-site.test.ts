import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toRange } from "../../../../models/quantize/activation-range.js";
import { planSite } from "../../../../models/quantize/plan-site.js";
import { createSiteObserver } from "../../../../models/quantize/site-statistics.js";
import { scramble } from "../../../support/formula-pictures.js";

const noise = (at: number) => (scramble(at) % 2001) / 1000 - 1;

/** Rows of noise in which some channels are far larger than the others. */
function statisticsOf(channels: number, gainOf: (channel: number) => number) {
  const observer = createSiteObserver(channels);
  for (let picture = 0; picture < 8; picture++) {
    observer.observe(
      Float32Array.from({ length: channels * 10 }, (_, at) => noise(picture * 7919 + at) * gainOf(at % channels)),
    );
  }
  return observer.statistics();
}

const linear = (inputs: number, outputs: number) => ({
  weight: Float32Array.from({ length: inputs * outputs }, (_, at) => noise(at + 31)),
  outputs,
});

describe("a range of bytes", () => {
  test("holds zero exactly, and its ends within one step", () => {
    const bound = fc.float({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(bound, bound, (one, other) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const { scale, zeroPoint } = toRange(min, max);
        expect(zeroPoint).toBeGreaterThanOrEqual(0);
        expect(zeroPoint).toBeLessThanOrEqual(255);
        expect(scale).toBeGreaterThan(0);
        expect(scale * (255 - zeroPoint)).toBeGreaterThanOrEqual(Math.max(0, max) - scale * 1.01);
        expect(-scale * zeroPoint).toBeLessThanOrEqual(Math.min(0, min) + scale * 1.01);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the plan of a site", () => {
  test("moves scale where a few channels are far larger than the others, and loses far less so", () => {
    const seen = statisticsOf(64, (channel) => (channel % 32 === 5 ? 60 : 1));
    const smoothed = planSite(seen, [linear(64, 48)], { bits: 8, canSmooth: true });
    const plain = planSite(seen, [linear(64, 48)], { bits: 8, canSmooth: false });
    expect(plain.smoothing).toBeNull();
    expect(smoothed.smoothing![5]).toBeGreaterThan(smoothed.smoothing![4]! * 3);
    expect(smoothed.relativeError).toBeLessThan(plain.relativeError / 2);
  });

  test("expects more error of fewer bits", () => {
    const seen = statisticsOf(64, () => 1);
    const errorAt = (bits: 7 | 8) => planSite(seen, [linear(64, 48)], { bits, canSmooth: false }).relativeError;
    expect(errorAt(7)).toBeGreaterThan(errorAt(8));
  });

  test("expects about the error that there is", () => {
    const seen = statisticsOf(96, (channel) => 1 + (channel % 7));
    const layer = linear(96, 40);
    const { relativeError } = planSite(seen, [layer], { bits: 8, canSmooth: false });
    const range = toRange(Math.min(...seen.min), Math.max(...seen.max));
    let [error, size] = [0, 0];
    for (const row of seen.rows) {
      for (let output = 0; output < layer.outputs; output++) {
        const weights = layer.weight.subarray(output * 96, (output + 1) * 96);
        const step = Math.max(...weights.map(Math.abs)) / 127;
        let [exact, rounded] = [0, 0];
        for (const [channel, weight] of weights.entries()) {
          const byte = Math.min(255, Math.max(0, Math.round(row[channel]! / range.scale) + range.zeroPoint));
          exact += row[channel]! * weight;
          rounded += (byte - range.zeroPoint) * range.scale * Math.round(weight / step) * step;
        }
        error += (exact - rounded) ** 2;
        size += exact ** 2;
      }
    }
    expect(relativeError / Math.sqrt(error / size)).toBeGreaterThan(0.7);
    expect(relativeError / Math.sqrt(error / size)).toBeLessThan(1.4);
  });

  test("leaves dead channels alone", () => {
    const seen = statisticsOf(8, (channel) => (channel === 3 ? 0 : 40 ** channel));
    const { smoothing } = planSite(seen, [linear(8, 8)], { bits: 8, canSmooth: true });
    expect(smoothing![3]).toBe(1);
    expect(smoothing!.every(Number.isFinite)).toBe(true);
  });
});
