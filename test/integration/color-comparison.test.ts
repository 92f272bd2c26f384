import { describe, expect, it } from "vitest";
import { compareColors, groundNames } from "../support/color-comparison.js";

// A small share of test/bench/color.ts, on every run: a garment's own color, whatever lies around it.
const garments = 6;
const coveragesHere = [0.2, 0.65] as const;
const cases = groundNames.flatMap((ground) => coveragesHere.map((coverage) => [ground, coverage] as const));

describe("the harmony with a second garment", () => {
  it.each(cases)(
    "is the true color's by dominant color, more often than by mean, on %s at %d",
    async (ground, coverage) => {
      const { pairs, dominant, mean } = await compareColors(ground, coverage, garments);
      expect(dominant / pairs).toBeGreaterThan(0.9);
      expect(dominant).toBeGreaterThan(mean);
    },
  );
});
