import fc from "fast-check";
import { expect, test } from "vitest";
import { type EmbeddedPhotos, judgePrecision, type PrecisionFigures } from "../../../src/domain/precision-gate.js";
import { aPhotoCloud } from "../../support/photo-cloud.js";

const runs = { numRuns: 200 };

const clouds = fc
  .record({
    photos: fc.oneof(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 100, max: 130 })),
    groups: fc.integer({ min: 1, max: 8 }),
    dimension: fc.integer({ min: 2, max: 12 }),
    seed: fc.integer({ min: 0, max: 1e6 }),
    noise: fc.double({ min: 0, max: 3, noNaN: true }),
  })
  .map(({ noise, ...options }) => {
    const { withNoise, reference, dimension, categories } = aPhotoCloud(options);
    return { reference, precision: withNoise(noise), dimension, categories };
  });

function figuresOf(embedded: EmbeddedPhotos): PrecisionFigures {
  const verdict = judgePrecision(embedded);
  return "gate" in verdict ? verdict.gate : verdict.figures!;
}

test("figures stay in their ranges and in their order", () => {
  fc.assert(
    fc.property(clouds, (cloud) => {
      const { photos, cosine, voteAgreement, topTenOverlap } = figuresOf(cloud);
      expect(photos).toBe(cloud.categories.length);
      expect([-1, cosine.min, cosine.p1, cosine.median, 1]).toEqual(
        [-1, cosine.min, cosine.p1, cosine.median, 1].toSorted((first, second) => first - second),
      );
      for (const share of [voteAgreement, topTenOverlap]) expect(share >= 0 && share <= 1).toBe(true);
    }),
    runs,
  );
});

test("a verdict says what its figures say", () => {
  fc.assert(
    fc.property(clouds, (cloud) => {
      const verdict = judgePrecision(cloud);
      if (verdict.outcome === "unproven") {
        expect(verdict.reasons.length).toBeGreaterThan(0);
        return;
      }
      const { passed, voteAgreement, cosine, thresholds } = verdict.gate;
      expect(passed).toBe(voteAgreement >= thresholds.voteAgreement && cosine.median >= thresholds.medianCosine);
      expect(verdict.outcome === "passed").toBe(passed);
      expect(verdict.reasons.length > 0).toBe(!passed);
    }),
    runs,
  );
});

test("what the categories are called changes nothing", () => {
  fc.assert(
    fc.property(clouds, (cloud) => {
      const renamed = cloud.categories.map((category) => `${category.length}/${category.toUpperCase()}`);
      expect(figuresOf({ ...cloud, categories: renamed })).toEqual(figuresOf(cloud));
    }),
    runs,
  );
});

test("both ways round the figures are the same", () => {
  fc.assert(
    fc.property(clouds, (cloud) => {
      const turned = { ...cloud, reference: cloud.precision, precision: cloud.reference };
      expect(figuresOf(turned)).toEqual(figuresOf(cloud));
    }),
    runs,
  );
});

test("a turn of the whole space loses the cosine, not the neighbors", () => {
  fc.assert(
    fc.property(clouds, (cloud) => {
      const negative = cloud.reference.map((value) => -value);
      const { cosine, voteAgreement, topTenOverlap } = figuresOf({ ...cloud, precision: negative });
      expect(cosine.median).toBeCloseTo(-1, 5);
      expect([voteAgreement, topTenOverlap]).toEqual([1, 1]);
    }),
    runs,
  );
});
