import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Neighbor } from "../../../src/domain/catalog.js";
import { type FoundAnswer, measureAgreement, toAgreement } from "../../../src/domain/index-agreement.js";
import { rankAsV5 } from "../../../src/domain/ranking-v5.js";
import { afterFiveShirts, aRankInput, type ItemSketch } from "../../support/ranking-builders.js";

const pieces: readonly ItemSketch[] = [
  { id: "jeans", category: "bottomwear_pants", similarity: 0.6 },
  { id: "chinos", category: "bottomwear_pants", similarity: 0.5 },
  { id: "sneaker", category: "footwear_shoes", similarity: 0.55 },
  { id: "boot", category: "footwear_boots", similarity: 0.4 },
];

function toNeighbors(sketches: readonly ItemSketch[]): readonly Neighbor[] {
  return sketches
    .map(({ similarity = 0.5 }, row) => ({ row, similarity }))
    .sort((one, other) => other.similarity - one.similarity || one.row - other.row)
    .slice(0, 10);
}

/** What the catalog answers, the rows that an index does not find left out. */
function anAnswer(missing: readonly string[] = [], sketches = afterFiveShirts(pieces)): FoundAnswer {
  const input = aRankInput(sketches);
  const rows = new Set(sketches.flatMap(({ id }, row) => (missing.includes(id ?? "") ? [row] : [])));
  return {
    neighbors: toNeighbors(sketches).filter(({ row }) => !rows.has(row)),
    ranking: rankAsV5({ ...input, excludedPlaces: rows }),
  };
}

const whole = anAnswer();
const rows = (from: number, count: number, similarity = 0.9): readonly Neighbor[] =>
  Array.from({ length: count }, (_, i) => ({ row: from + i, similarity: similarity - i / 100 }));
const withNeighbors = (neighbors: readonly Neighbor[]): FoundAnswer => ({ ...whole, neighbors });
const recall = (wanted: readonly Neighbor[], found: readonly Neighbor[]) =>
  toAgreement({ exhaustive: withNeighbors(wanted), found: withNeighbors(found) }).recallAt10;

describe("the agreement of one answer", () => {
  it("is whole with itself", () => {
    const agreement = { recallAt10: 1, sameCategory: true, sameWinners: true, sameAnswer: true };
    expect(toAgreement({ exhaustive: whole, found: whole })).toEqual(agreement);
  });

  it("loses the winner that the index did not find, and the recall of it", () => {
    const agreement = { recallAt10: 8 / 9, sameCategory: true, sameWinners: false, sameAnswer: false };
    expect(toAgreement({ exhaustive: whole, found: anAnswer(["jeans"]) })).toEqual(agreement);
  });

  it("loses nothing but recall to a row that was in no answer", () => {
    const agreement = { recallAt10: 8 / 9, sameCategory: true, sameWinners: true, sameAnswer: true };
    expect(toAgreement({ exhaustive: whole, found: anAnswer(["chinos"]) })).toEqual(agreement);
  });

  it("tells another order of the same winners", () => {
    const turned = { ...whole, ranking: { ...whole.ranking, suggestions: whole.ranking.suggestions.toReversed() } };
    const agreement = { recallAt10: 1, sameCategory: true, sameWinners: true, sameAnswer: false };
    expect(toAgreement({ exhaustive: whole, found: turned })).toEqual(agreement);
  });

  it("tells another category, and another reason for there being no outfit", () => {
    const pants = { ...whole, ranking: { ...whole.ranking, queryCategory: "bottomwear_pants" } };
    expect(toAgreement({ exhaustive: whole, found: pants })).toMatchObject({ sameCategory: false, sameAnswer: false });
    const plain = { ...whole, ranking: { ...whole.ranking, fallback: "gender_refused_all" as const } };
    expect(toAgreement({ exhaustive: whole, found: plain })).toMatchObject({ sameCategory: true, sameAnswer: false });
  });

  it("goes by ids where items have one: the same catalog in another order agrees", () => {
    const turned = afterFiveShirts(pieces).toReversed();
    const { sameCategory, sameWinners, sameAnswer } = toAgreement({ exhaustive: whole, found: anAnswer([], turned) });
    expect([sameCategory, sameWinners, sameAnswer]).toEqual([true, true, true]);
  });
});

describe("the recall at ten", () => {
  it("is the share of the ten nearest that were found", () => {
    expect(recall(rows(0, 10), rows(3, 10, 0.87))).toBe(0.7);
    expect(recall(rows(0, 10), [])).toBe(0);
  });

  it("looks at no more than ten, and at fewer where the catalog has fewer", () => {
    expect(recall(rows(0, 12), rows(0, 10))).toBe(1);
    expect(recall(rows(0, 4), rows(0, 3))).toBe(0.75);
    expect(recall([], rows(0, 10))).toBe(1);
  });

  it("takes another row as similar as the tenth for the tenth, once, and no less similar one", () => {
    const [tenth] = rows(0, 10).slice(-1) as [Neighbor];
    const others = (similarity: number) => [...rows(0, 9), { row: 90, similarity }];
    expect(recall(rows(0, 10), others(tenth.similarity + 5e-7))).toBe(1);
    expect(recall(rows(0, 10), others(tenth.similarity - 1e-5))).toBe(0.9);
    const twice = [...rows(0, 8), ...Array.from({ length: 2 }, () => ({ row: 90, similarity: tenth.similarity }))];
    expect(recall(rows(0, 10), twice)).toBe(0.9);
  });
});

describe("the agreement of an index", () => {
  it("is the mean over the queries", () => {
    const pairs = [anAnswer(), anAnswer(["jeans"]), anAnswer(["chinos"]), anAnswer()].map((found) => ({
      exhaustive: whole,
      found,
    }));
    const agreement = { queries: 4, sameCategory: 1, sameWinners: 0.75, sameAnswer: 0.75 };
    expect(measureAgreement(pairs)).toEqual({ ...agreement, recallAt10: expect.closeTo((1 + 8 / 9 + 8 / 9 + 1) / 4) });
  });

  it("of no query is refused: nothing was measured", () => {
    expect(() => measureAgreement([])).toThrow("one query at least");
  });

  it("never calls an answer the same whose category or winners differ", () => {
    const missing = fc.subarray(afterFiveShirts(pieces).map(({ id }) => id!));
    fc.assert(
      fc.property(missing, missing, (one, other) => {
        const pair = { exhaustive: anAnswer(one), found: anAnswer(other) };
        const { sameAnswer, sameWinners, sameCategory, recallAt10 } = toAgreement(pair);
        if (sameAnswer) expect([sameWinners, sameCategory]).toEqual([true, true]);
        expect(recallAt10).toBeGreaterThanOrEqual(0);
        expect(recallAt10).toBeLessThanOrEqual(1);
      }),
    );
  });
});
