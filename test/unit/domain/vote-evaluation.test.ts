import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVotes, evaluateVotes, type JudgedPhoto } from "../../../src/domain/vote-evaluation.js";

const photo = (path: string, category: string, voted: string | null, confidence = 0.5): JudgedPhoto => ({
  ...{ path, category, voted, votedV4: voted, confidence },
  answerCategories: 3,
});

const names = fc.constantFrom("shirt", "pants", "shoes");
const photos = fc.uniqueArray(
  fc.record({
    path: fc.string({ minLength: 1 }),
    category: names,
    voted: fc.option(names),
    votedV4: fc.option(names),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    answerCategories: fc.nat(9),
  }),
  { selector: ({ path }) => path, minLength: 1, maxLength: 40 },
);

describe("an evaluation", () => {
  it("counts what was taken for what, and how sure against how right", () => {
    const evaluation = evaluateVotes([
      photo("a", "shirt", "shirt", 0.9),
      photo("b", "shirt", "pants", 0.95),
      photo("c", "shirt", null, 0),
      photo("d", "pants", "pants", 1),
    ]);
    expect(evaluation).toMatchObject({
      photos: 4,
      vote_accuracy: 0.5,
      per_category: { shirt: { photos: 3, right: 1, accuracy: 0.3333 }, pants: { right: 1, accuracy: 1 } },
      confusion: { shirt: { shirt: 1, pants: 1, none: 1 }, pants: { pants: 1 } },
      calibration: [
        { from: 0, to: 0.1, photos: 1, confidence: 0, accuracy: 0 },
        { from: 0.9, to: 1, photos: 3, confidence: 0.95, accuracy: 0.6667 },
      ],
      worst: [
        { path: "b", voted: "pants", confidence: 0.95 },
        { path: "c", voted: null, confidence: 0 },
      ],
    });
    // Three of four photos are 0.2833 too sure of themselves.
    expect(evaluation.calibration_error).toBeCloseTo(0.75 * (0.95 - 2 / 3), 4);
  });

  it("of no photo is empty, not undefined", () => {
    expect(evaluateVotes([])).toMatchObject({ photos: 0, vote_accuracy: 0, calibration_error: 0, worst: [] });
  });

  it("adds up, in whichever order the photos come", () => {
    fc.assert(
      fc.property(photos, (judged) => {
        const evaluation = evaluateVotes(judged);
        const { per_category, confusion, calibration } = evaluation;
        for (const [category, votes] of Object.entries(confusion)) {
          const total = Object.values(votes).reduce((sum, count) => sum + count, 0);
          expect(total).toBe(per_category[category]!.photos);
          expect(votes[category] ?? 0).toBe(per_category[category]!.right);
        }
        expect(calibration.reduce((sum, bin) => sum + bin.photos, 0)).toBe(judged.length);
        for (const { from, to, confidence } of calibration) {
          expect(confidence).toBeGreaterThanOrEqual(from - 1e-3);
          expect(confidence).toBeLessThanOrEqual(to + 1e-3);
        }
        const { mean_confidence: _, calibration_error: __, calibration: ___, ...exact } = evaluation;
        expect(evaluateVotes(judged.toReversed())).toMatchObject(exact);
      }),
    );
  });
});

describe("a comparison", () => {
  it("names what is gained and lost, losses first", () => {
    const before = [
      photo("a", "shirt", "shirt"),
      photo("b", "shirt", "pants"),
      photo("c", "shoes", "pants"),
      photo("d", "shoes", "shoes"),
    ];
    const after = [
      photo("a", "shirt", "pants"),
      photo("b", "shirt", "shirt"),
      photo("c", "shoes", "shirt"),
      photo("d", "shoes", "shoes"),
    ];
    expect(compareVotes(before, after).map(({ path, kind }) => [path, kind])).toEqual([
      ["a", "lost"],
      ["b", "gained"],
      ["c", "still wrong"],
    ]);
    expect(compareVotes(before, before)).toEqual([]);
  });

  it("is of the same photos alone", () => {
    expect(() => compareVotes([], [photo("a", "shirt", "shirt")])).toThrow("a was judged once only");
  });
});
