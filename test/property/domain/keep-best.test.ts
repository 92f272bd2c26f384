import fc from "fast-check";
import { expect, test } from "vitest";
import { keepBest } from "../../../src/domain/keep-best.js";

test("one by one or sorted all at once: the same items stay, in the same order, earlier ones before their equals", () => {
  const item = fc.record({ key: fc.integer({ min: 0, max: 5 }), name: fc.string() });
  fc.assert(
    fc.property(fc.array(item), fc.integer({ min: 0, max: 8 }), (items, count) => {
      const byKey = (first: { key: number }, second: { key: number }) => first.key - second.key;
      const best: (typeof items)[number][] = [];
      for (const each of items) keepBest(best, each, count, byKey);
      expect(best).toEqual([...items].sort(byKey).slice(0, count));
    }),
  );
});
