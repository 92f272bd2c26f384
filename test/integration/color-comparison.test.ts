import { expect, it } from "vitest";
import { addAgreement, compareColors, groundNames, noAgreement } from "../support/color-comparison.js";

// A small share of test/bench/color.ts, on every run: a garment's own color, whatever lies around it.
const garments = 5;
const coveragesHere = [0.2, 0.65] as const;

it("gives the true color's harmony with a second garment by dominant color, and far more often than by mean", async () => {
  let all = noAgreement();
  for (const ground of groundNames) {
    for (const coverage of coveragesHere) all = addAgreement(all, await compareColors(ground, coverage, garments));
  }
  expect(all.dominant / all.pairs).toBeGreaterThan(0.93);
  expect(all.mean / all.pairs).toBeLessThan(0.8);
});
