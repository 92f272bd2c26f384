import fc from "fast-check";
import { expect, test } from "vitest";
import { samplePictures } from "../../../../models/verify/labeled-pictures.js";

const runs = { numRuns: 200 };
const names = fc.uniqueArray(fc.string(), { maxLength: 60 });
const counts = fc.integer({ min: 0, max: 70 });

function toPictures(list: readonly string[]) {
  return list.map((name) => ({ name }));
}

test("a sample has the wanted size, keeps the order and repeats itself", () => {
  fc.assert(
    fc.property(names, counts, fc.string(), (list, count, seed) => {
      const sampled = samplePictures(toPictures(list), count, seed).map(({ name }) => name);
      expect(sampled.length).toBe(Math.min(count, list.length));
      expect(sampled).toEqual(list.filter((name) => sampled.includes(name)));
      expect(samplePictures(toPictures(list), count, seed).map(({ name }) => name)).toEqual(sampled);
    }),
    runs,
  );
});

test("which pictures are drawn does not depend on the order in which they were found", () => {
  fc.assert(
    fc.property(names, counts, fc.string(), (list, count, seed) => {
      const drawn = (each: readonly string[]) => samplePictures(toPictures(each), count, seed).map(({ name }) => name);
      expect(drawn(list.toReversed()).toSorted()).toEqual(drawn(list).toSorted());
    }),
    runs,
  );
});

test("a larger sample holds the smaller one", () => {
  fc.assert(
    fc.property(names, counts, fc.string(), (list, count, seed) => {
      const larger = samplePictures(toPictures(list), count + 1, seed);
      for (const each of samplePictures(toPictures(list), count, seed)) expect(larger).toContainEqual(each);
    }),
    runs,
  );
});

test("another seed draws others", () => {
  const list = toPictures(Array.from({ length: 200 }, (_, i) => `${i}.jpg`));
  expect(samplePictures(list, 50, "1")).not.toEqual(samplePictures(list, 50, "2"));
});
