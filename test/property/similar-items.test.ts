import fc from "fast-check";
import { expect, test } from "vitest";
import { toItemId } from "../../src/domain/candidate.js";
import { toColumns } from "../../src/domain/candidate-columns.js";
import { toCatalogGroups } from "../../src/domain/catalog-groups.js";
import { toExactEstimate } from "../../src/domain/contenders.js";
import { v5Admits } from "../../src/domain/gender.js";
import { findSimilar } from "../../src/domain/similar-items.js";
import { aCandidate } from "../support/ranking-builders.js";

const category = fc.constantFrom("upperwear_shirt", "footwear_shoes");
const item = fc.record({
  category,
  gender: fc.constantFrom("male", "female", "unisex"),
  similarity: fc.integer({ min: -3, max: 3 }).map((n) => n / 4),
  id: fc.nat(40).map(String),
});
const input = fc.record({
  items: fc.array(item, { maxLength: 60 }),
  excluded: fc.array(fc.nat(60), { maxLength: 5 }),
  category: fc.option(category),
  gender: fc.constantFrom("male", "female", "unknown"),
  count: fc.nat(20),
});

test("similar items are the first of all that may be shown, in order of similarity and id", () => {
  fc.assert(
    fc.property(input, ({ items, excluded, ...asked }) => {
      const candidates = items.map(aCandidate);
      const similarities = Float32Array.from(items, ({ similarity }) => similarity);
      const groups = toCatalogGroups(toColumns(candidates));
      const excludedPlaces = new Set(excluded);
      const shown = candidates
        .map((candidate, place) => ({ candidate, similarity: similarities[place]!, place }))
        .filter(({ place }) => !excludedPlaces.has(place))
        .filter(({ candidate }) => asked.category === null || candidate.category === asked.category)
        .filter(({ candidate }) => v5Admits(asked.gender, candidate.gender ?? "unknown"))
        .sort(
          (one, other) =>
            other.similarity - one.similarity ||
            (toItemId(one.candidate) < toItemId(other.candidate)
              ? -1
              : Number(toItemId(one.candidate) > toItemId(other.candidate))),
        )
        .slice(0, asked.count)
        .map(({ candidate, similarity }) => ({ candidate, similarity }));
      expect(
        findSimilar({ ...asked, candidates, groups, estimate: toExactEstimate(similarities), excludedPlaces }),
      ).toEqual(shown);
    }),
    { numRuns: 1000 },
  );
});
