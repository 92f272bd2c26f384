import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planDownscale } from "../../../src/domain/downscale.js";

const size = (width: number, height: number) => ({ width, height });

describe("a picture that is too large", () => {
  it("is shrunk until its long side fits", () => {
    expect(planDownscale(size(4032, 3024), 2048, 224)).toEqual(size(2048, 1536));
    expect(planDownscale(size(3024, 4032), 2048, 224)).toEqual(size(1536, 2048));
  });

  it("stays as it is when it fits", () => {
    expect(planDownscale(size(2048, 100), 2048, 224)).toBeNull();
    expect(planDownscale(size(100, 100), 2048, 224)).toBeNull();
  });

  it("keeps the short side that the model needs", () => {
    expect(planDownscale(size(4000, 1000), 400, 224)).toEqual(size(896, 224));
    expect(planDownscale(size(30_000, 200), 2048, 224)).toBeNull();
    expect(planDownscale(size(1000, 1000), 64, 336)).toEqual(size(336, 336));
  });

  it("keeps its shape, never grows, and has both sides", () => {
    const side = fc.integer({ min: 1, max: 65_000 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.integer({ min: 64, max: 65_535 }),
        fc.integer({ min: 16, max: 1024 }),
        (width, height, max, model) => {
          const planned = planDownscale(size(width, height), max, model);
          if (planned === null) return;
          expect(Math.min(planned.width, planned.height)).toBeGreaterThanOrEqual(Math.min(model, width, height));
          expect(planned.width).toBeLessThanOrEqual(width);
          expect(planned.height).toBeLessThanOrEqual(height);
          const [wide, high] = [planned.width / width, planned.height / height];
          expect(Math.abs(wide - high)).toBeLessThanOrEqual(0.5 / width + 0.5 / height + 1e-9);
          if (Math.max(planned.width, planned.height) > max) {
            expect(Math.min(planned.width, planned.height)).toBe(model);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
