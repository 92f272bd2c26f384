import { describe, expect, test } from "vitest";
import { toEmbedding } from "../../../src/domain/embedding.js";
import { judgePrecision, minGatePhotos } from "../../../src/domain/precision-gate.js";
import { aPhotoCloud } from "../../support/photo-cloud.js";

describe("a precision is judged by its embeddings of the same photos", () => {
  test("the reference itself passes with nothing lost", () => {
    const { reference, dimension, categories } = aPhotoCloud({ photos: 120 });
    expect(judgePrecision({ reference, precision: reference, dimension, categories })).toEqual({
      outcome: "passed",
      reasons: [],
      gate: {
        passed: true,
        photos: 120,
        cosine: { min: 1, p1: 1, median: 1 },
        voteAgreement: 1,
        topTenOverlap: 1,
        thresholds: { voteAgreement: 0.99, medianCosine: 0.99 },
        reference: "fp32",
      },
    });
  });

  test("a little noise passes, a lot fails, and the reasons say what fell short", () => {
    const { dimension, categories, reference, withNoise } = aPhotoCloud({ photos: 200 });
    const judge = (noise: number) => judgePrecision({ reference, precision: withNoise(noise), dimension, categories });
    expect(judge(0.01).outcome).toBe("passed");
    const bad = judge(0.9);
    expect(bad.outcome).toBe("failed");
    expect(bad.reasons).toEqual([
      expect.stringMatching(/^vote agreement is 0\.\d+; 0\.99 is the least$/),
      expect.stringMatching(/^median cosine is 0\.\d+; 0\.99 is the least$/),
    ]);
  });

  test("votes count also where the cosines are well", () => {
    // Two tight groups whose members an invisible shift sends to the other side.
    const { reference, precision, categories } = nearlyAlike(minGatePhotos);
    const verdict = judgePrecision({ reference, precision, dimension: 3, categories });
    expect(verdict).toMatchObject({ outcome: "failed", gate: { cosine: { median: expect.any(Number) } } });
    expect(verdict.reasons).toEqual([expect.stringMatching(/^vote agreement/)]);
  });

  test("a photo without an embedding has cosine 0", () => {
    const { reference, dimension, categories } = aPhotoCloud({ photos: 150 });
    const precision = reference.slice().fill(0, 0, dimension);
    const verdict = judgePrecision({ reference, precision, dimension, categories });
    expect(verdict).toMatchObject({ gate: { cosine: { min: 0, p1: 1, median: 1 } } });
  });

  test("other thresholds are obeyed and recorded", () => {
    const { reference, dimension, categories, withNoise } = aPhotoCloud({ photos: 150 });
    const embedded = { reference, precision: withNoise(0.3), dimension, categories };
    const thresholds = { voteAgreement: 0.1, medianCosine: 0.5 };
    expect(judgePrecision(embedded).outcome).toBe("failed");
    expect(judgePrecision(embedded, thresholds)).toMatchObject({
      outcome: "passed",
      gate: { passed: true, thresholds },
    });
  });
});

describe("photos that can show nothing prove nothing", () => {
  const judgeItself = (reference: Float32Array, dimension: number, categories: readonly string[]) =>
    judgePrecision({ reference, precision: reference, dimension, categories });

  test.each([0, 1, 2, 7, minGatePhotos - 1])("%i photos", (photos) => {
    const { reference, dimension, categories } = aPhotoCloud({ photos });
    const verdict = judgeItself(reference, dimension, categories);
    expect(verdict.outcome).toBe("unproven");
    expect(verdict.reasons[0]).toBe(`${photos} photos; 100 are the least that prove anything`);
    const figures = photos < 2 ? null : expect.objectContaining({ photos, voteAgreement: 1, topTenOverlap: 1 });
    expect(verdict).toMatchObject({ figures });
  });

  test("all of one category", () => {
    const { reference, dimension } = aPhotoCloud({ photos: 120 });
    const verdict = judgeItself(reference, dimension, Array(120).fill("hat"));
    expect(verdict).toMatchObject({ outcome: "unproven" });
    expect(verdict.reasons[0]).toBe('all photos are of one category, "hat"; a vote needs two');
  });

  test("a reference that embeds every photo nearly alike, as random weights do", () => {
    const { dimension, categories, reference, withOffset } = aPhotoCloud({ photos: 120 });
    expect(judgeItself(reference, dimension, categories).outcome).toBe("passed");
    const verdict = judgeItself(withOffset(30), dimension, categories);
    expect(verdict).toMatchObject({ outcome: "unproven" });
    expect(verdict.reasons[0]).toMatch(/^the reference hardly tells these photos apart: their median cosine/);
  });

  test("one and the same embedding for everything", () => {
    const row = toEmbedding(Float32Array.from([1, 2, 3]));
    const reference = Float32Array.from({ length: 3 * 120 }, (_, at) => row[at % 3]!);
    const categories = Array.from({ length: 120 }, (_, i) => `c${i % 4}`);
    expect(judgeItself(reference, 3, categories).outcome).toBe("unproven");
  });

  test("a reference that votes for one category whatever it sees", () => {
    const { reference, dimension } = aPhotoCloud({ photos: 120 });
    const verdict = judgeItself(reference, dimension, ["hat", ...Array(119).fill("bag")]);
    expect(verdict).toMatchObject({ outcome: "unproven" });
    expect(verdict.reasons).toEqual(["the reference votes for one category on 1 of the photos"]);
  });
});

test("sizes that do not agree are a caller's bug", () => {
  const embedded = { reference: new Float32Array(8), precision: new Float32Array(4), dimension: 4 };
  expect(() => judgePrecision({ ...embedded, categories: ["a", "b"] })).toThrow(RangeError);
});

/** Photos around a circle in height: categories alternate by angle, and the other precision turns each by half a step. */
function nearlyAlike(photos: number) {
  const groups = 10;
  const point = (photo: number, turn: number) => {
    const angle = (2 * Math.PI * ((photo % groups) + turn)) / groups;
    const spread = 0.001 * Math.floor(photo / groups);
    return toEmbedding(Float32Array.from([Math.cos(angle + spread), Math.sin(angle + spread), 0.3]));
  };
  const rows = (turn: (photo: number) => number) =>
    Float32Array.from(Array.from({ length: photos }, (_, photo) => [...point(photo, turn(photo))]).flat());
  return {
    categories: Array.from({ length: photos }, (_, photo) => (photo % 2 === 0 ? "even" : "odd")),
    reference: rows(() => 0),
    // Two in five photos move next to the neighbors of another group; the median photo stays where it is.
    precision: rows((photo) => (photo % 5 < 2 ? 1 : 0)),
  };
}
