import { describe, expect, it } from "vitest";
import type { Reply } from "../../../client/client.js";
import { type ComparedPhoto, toComparison } from "../../../src/cli/compare-replies.js";
import { toComparisonText } from "../../../src/cli/compare-text.js";

function answer(category: string | null, items: readonly string[], score = 0.5, ms = 10) {
  const reply = {
    category_vote: category === null ? null : { category },
    recommendations: items.map((item_id) => ({ item_id, score })),
    metadata: { precision: "int8" },
    ...{ encoder: "tiny", catalog_digest: "abc" },
  } as unknown as Reply;
  return { reply, ms };
}

const failed = { failure: "overloaded" };

function compare(...pairs: readonly Pick<ComparedPhoto, "a" | "b">[]) {
  return toComparison(pairs.map((pair, place) => ({ name: `${place}.jpg`, ...pair })));
}

describe("two services' answers", () => {
  it("are alike when they are the same", () => {
    const same = { a: answer("shirt", ["x", "y"]), b: answer("shirt", ["x", "y"]) };
    expect(compare(same, same)).toMatchObject({
      ...{ photos: 2, compared: 2, same_category: 1, same_first_item: 1, same_items: 1, item_overlap: 1 },
      ...{ most_score_difference: 0, differences: [] },
    });
  });

  it("differ by category, first item, items and scores", () => {
    const comparison = compare(
      { a: answer("shirt", ["x", "y"]), b: answer("jacket", ["x", "y"], 0.3) },
      { a: answer("shirt", ["x", "y", "z"]), b: answer("shirt", ["y", "x", "w"]) },
      { a: answer("shoes", []), b: answer("shoes", []) },
      { a: answer(null, ["x"]), b: answer(null, ["v"]) },
    );
    expect(comparison.same_category).toBe(3 / 4);
    expect(comparison.same_first_item).toBe(2 / 4);
    expect(comparison.item_overlap).toBeCloseTo((1 + 0.5 + 1 + 0) / 4);
    expect(comparison.most_score_difference).toBeCloseTo(0.2);
    expect(comparison.differences.map(({ photo }) => photo)).toEqual(["0.jpg", "1.jpg", "3.jpg"]);
    expect(comparison.by_category).toEqual([
      { category: null, photos: 1, same_category: 1, item_overlap: 0 },
      { category: "shirt", photos: 2, same_category: 0.5, item_overlap: 0.75 },
      { category: "shoes", photos: 1, same_category: 1, item_overlap: 1 },
    ]);
  });

  it("count only where both have one", () => {
    const comparison = compare(
      { a: answer("shirt", ["x"], 0.5, 10), b: failed },
      { a: failed, b: failed },
      { a: answer("shirt", ["x"], 0.5, 30), b: answer("shirt", ["x"], 0.5, 90) },
    );
    expect(comparison).toMatchObject({ photos: 3, compared: 1, same_category: 1 });
    expect(comparison.a).toMatchObject({ failures: { overloaded: 1 }, latency_ms: { count: 2 } });
    expect(comparison.b).toMatchObject({ failures: { overloaded: 2 }, latency_ms: { count: 1 } });
    expect(comparison.b.latency_ms.p50! / 90).toBeCloseTo(1, 2);
  });

  it("may be none at all", () => {
    const nothing = compare();
    expect(nothing).toMatchObject({ photos: 0, same_category: null, item_overlap: null, most_score_difference: null });
    expect(toComparisonText(nothing, { a: "a", b: "b" })).not.toMatch(/NaN|undefined|null/);
  });
});
