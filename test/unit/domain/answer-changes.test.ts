import { describe, expect, it } from "vitest";
import { compareAnswers, findWinnerChanges, isSameAnswer } from "../../../src/domain/answer-changes.js";
import type { Ranking } from "../../../src/domain/ranking.js";
import { rankAsV5 } from "../../../src/domain/ranking-v5.js";
import { afterFiveShirts, aRankInput, type ItemSketch } from "../../support/ranking-builders.js";

const jeans: ItemSketch = { id: "jeans", category: "bottomwear_pants", similarity: 0.6 };
const chinos: ItemSketch = { id: "chinos", category: "bottomwear_pants", similarity: 0.5 };
const sneaker: ItemSketch = { id: "sneaker", category: "footwear_shoes", similarity: 0.55 };

function answerWith(...pieces: readonly ItemSketch[]): Ranking {
  return rankAsV5(aRankInput(afterFiveShirts(pieces)));
}

const toIds = (first: Ranking, second: Ranking) =>
  findWinnerChanges(first, second).map(({ category, before, after }) => [category, before?.id, after?.id]);

describe("what two answers differ in", () => {
  it("is nothing between an answer and itself, nor when a second best comes in", () => {
    expect(findWinnerChanges(answerWith(jeans, sneaker), answerWith(jeans, chinos, sneaker))).toEqual([]);
    expect(isSameAnswer(answerWith(jeans, sneaker), answerWith(jeans, chinos, sneaker))).toBe(true);
  });

  it("names the best piece of a category before and after", () => {
    const pairs = toIds(answerWith(jeans, sneaker), answerWith(chinos, sneaker));
    expect(pairs).toEqual([["bottomwear_pants", "jeans", "chinos"]]);
  });

  it("names a category that only one of them has", () => {
    expect(toIds(answerWith(jeans, sneaker), answerWith(jeans))).toEqual([["footwear_shoes", "sneaker", undefined]]);
    expect(toIds(answerWith(jeans), answerWith(jeans, sneaker))).toEqual([["footwear_shoes", undefined, "sneaker"]]);
  });
});

describe("a comparison of answers", () => {
  it("counts what stayed, and lists what changed most first", () => {
    const both = answerWith(jeans, sneaker);
    const turned = { ...both, suggestions: both.suggestions.toReversed() };
    const comparison = compareAnswers([
      { path: "same", before: both, after: both },
      { path: "turned", before: both, after: turned },
      { path: "pants", before: both, after: answerWith(chinos, sneaker) },
      { path: "all", before: both, after: answerWith(chinos) },
    ]);
    expect(comparison).toMatchObject({ photos: 4, same_category: 1, same_winners: 0.5, same_answer: 0.25 });
    expect(comparison.changes.map(({ path, winners }) => [path, winners.length])).toEqual([
      ["all", 2],
      ["pants", 1],
      ["turned", 0],
    ]);
  });

  it("of no photo is refused", () => {
    expect(() => compareAnswers([])).toThrow("one photo at least");
  });
});
