import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVotes, evaluateVotes, type JudgedPhoto } from "../../../src/domain/vote-evaluation.js";

const photo = (path: string, category: string, voted: string | null, confidence = 0.5): JudgedPhoto => ({
  ...{ path, category, voted, plain: { voted }, confidence },
  answerCategories: 3,
});

const names = fc.constantFrom("shirt", "pants", "shoes");
const photos = fc.uniqueArray(
  fc.record({
    path: fc.string({ minLength: 1 }),
    category: names,
    voted: fc.option(names),
    plain: fc.record({ voted: fc.option(names) }),
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
      vote_accuracy_v4: 0.5,
      per_category: {
        shirt: { support: 3, right: 1, recall: 0.3333, voted: 1, precision: 1, recall_v4: 0.3333 },
        pants: { support: 1, right: 1, recall: 1, voted: 2, precision: 0.5, recall_v4: 1 },
      },
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
    expect(evaluateVotes([])).toMatchObject({ photos: 0, vote_accuracy: 0, calibration_error: null, worst: [] });
  });

  it("names a category that photos were taken for and none is of", () => {
    const { bag, hat } = evaluateVotes([photo("a", "hat", "bag"), photo("b", "hat", null)]).per_category;
    expect(bag).toEqual({ support: 0, right: 0, recall: null, voted: 1, precision: 0, recall_v4: null });
    expect(hat).toMatchObject({ support: 2, recall: 0, voted: 0, precision: null });
  });

  it("says nothing of a confidence or a plain vote that there was not", () => {
    const silent = { ...photo("a", "hat", "hat"), plain: null, confidence: null };
    const { vote_accuracy, vote_accuracy_v4, mean_confidence, calibration_error, calibration } = evaluateVotes([
      silent,
    ]);
    expect([vote_accuracy, vote_accuracy_v4, mean_confidence, calibration_error]).toEqual([1, null, null, null]);
    expect(calibration).toEqual([]);
    expect(evaluateVotes([silent, photo("b", "hat", "hat")]).vote_accuracy_v4).toBeNull();
  });

  it("adds up, in whichever order the photos come", () => {
    fc.assert(
      fc.property(photos, (judged) => {
        const evaluation = evaluateVotes(judged);
        const { per_category, confusion, calibration } = evaluation;
        for (const [category, votes] of Object.entries(confusion)) {
          const total = Object.values(votes).reduce((sum, count) => sum + count, 0);
          expect(total).toBe(per_category[category]!.support);
          expect(votes[category] ?? 0).toBe(per_category[category]!.right);
        }
        const taken = Object.values(per_category).reduce((sum, { voted }) => sum + voted, 0);
        expect(taken).toBe(judged.filter(({ voted }) => voted !== null).length);
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
