import fc from "fast-check";
import { expect, it } from "vitest";
import { createRandom } from "../../../../catalog/sample/seeded-random.js";
import { type OpenArrivals, toDueTimes } from "../../../../deploy/load/arrivals.js";

const rate = fc.double({ min: 0, max: 2000, noNaN: true });
const durationMs = fc.integer({ min: 1, max: 20_000 });

function due(arrivals: Omit<OpenArrivals, "kind">, ms: number, seed = 1): readonly number[] {
  return [...toDueTimes({ kind: "open", ...arrivals }, ms, createRandom(seed))];
}

it("requests are due in order and within the duration, whatever the rates", () => {
  fc.assert(
    fc.property(rate, rate, durationMs, fc.constantFrom("constant", "poisson"), (from, to, ms, spacing) => {
      const times = due({ fromPerSecond: from, toPerSecond: to, spacing }, ms);
      expect(times.every((time, place) => time >= (times[place - 1] ?? 0) && time < ms)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

it("as many are due as the rates bring, to one", () => {
  fc.assert(
    fc.property(rate, rate, durationMs, (from, to, ms) => {
      const times = due({ fromPerSecond: from, toPerSecond: to, spacing: "constant" }, ms);
      expect(Math.abs(times.length - ((from + to) / 2) * (ms / 1000))).toBeLessThanOrEqual(1.001);
    }),
    { numRuns: 200 },
  );
});

it("at one rate they are at even distances, and by chance at that distance on average", () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 500, noNaN: true }), fc.integer(), (perSecond, seed) => {
      const rates = { fromPerSecond: perSecond, toPerSecond: perSecond };
      const even = due({ ...rates, spacing: "constant" }, 10_000);
      expect(even.every((time, place) => Math.abs(time - (1000 * place) / perSecond) < 1e-6 * (1 + time))).toBe(true);
      const chance = due({ ...rates, spacing: "poisson" }, 10_000, seed);
      const expected = 10 * perSecond;
      expect(Math.abs(chance.length - expected)).toBeLessThan(6 * Math.sqrt(expected) + 6);
    }),
    { numRuns: 200 },
  );
});
