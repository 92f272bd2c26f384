import { expect, it } from "vitest";
import { shelve, toShelf } from "../../../src/domain/answer.js";
import { standardRules } from "../../../src/domain/ranking-rules.js";
import { uncalibrated } from "../../../src/domain/vote-confidence.js";
import { anItem } from "../../support/an-artifact.js";

const words = { rules: standardRules, calibration: uncalibrated };

function aCatalog(count: number) {
  const items = Array.from({ length: count }, (_, row) => anItem({ row, id: String(row) }));
  return { items, rowOf: (id: string) => Number(id) };
}

it("a large catalog is shelved in steps, none of which takes more than some thousand items", () => {
  const catalog = aCatalog(10_000);
  const steps = shelve(catalog, words);
  let taken = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (!step.done) {
      taken += 1;
      continue;
    }
    const whole = toShelf(catalog, words);
    expect(step.value.v5).toEqual(whole.v5);
    expect(step.value.v4?.candidates).toEqual(whole.v4?.candidates);
    break;
  }
  expect(taken).toBeGreaterThanOrEqual(5);
});

it("an empty one and one of a single item are shelved as well", () => {
  for (const count of [0, 1]) expect(toShelf(aCatalog(count), words).v5.candidates.length).toBe(count);
});
