import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/domain/query.js";
import { toReply } from "../../../src/http/to-reply.js";
import { createPipeline, type ServedFacts } from "../../../src/pipeline.js";
import { anEncoderState, aQuery, pipelineParts, type ShelfItem } from "../../support/pipeline-builders.js";

const items: readonly ShelfItem[] = [
  { id: "shirt", category: "upperwear_shirt", similarity: 0.9 },
  {
    id: "pants",
    category: "bottomwear_pants",
    similarity: 0.4,
    title: "Pants",
    price: "10 EUR",
    url: "https://shop/p",
  },
  { id: "bag", category: "accessories_bag", similarity: 0.3, rgb: [30, 200, 190], imageUrl: "https://shop/b.jpg" },
];

async function replyTo(query: Partial<Query> = {}) {
  const parts = pipelineParts(items);
  const facts: ServedFacts = {
    catalogDigest: "d".repeat(64),
    items: items.length,
    dimension: 2,
    rules: parts.shelf.rules,
    encoder: "tiny",
    encoderState: () => anEncoderState(),
    preprocess: "clip-exact-224",
    index: "exact",
  };
  const recommendation = await createPipeline(parts)(aQuery(query), new AbortController().signal);
  // As a caller has it: what is undefined is not there.
  const sent = JSON.stringify(toReply(recommendation, { facts, items: parts.shelf.items }));
  return JSON.parse(sent) as ReturnType<typeof toReply>;
}

type Row = Awaited<ReturnType<typeof replyTo>>["recommendations"][number];
const partsOf = (row: Row) => (row as { reasons: { score_parts: Record<string, number> } }).reasons.score_parts;

describe("a reply", () => {
  it("names what made it", async () => {
    expect(await replyTo()).toMatchObject({
      total_candidates: 3,
      faiss_search_results: 3,
      metadata: { processing_time_ms: 6, total_items: 3, model_version: "tiny", provider: "cpu", precision: "fp32" },
      enterprise_config: { items_per_category: 1, max_total_recommendations: 26 },
      mode: "outfit",
      fallback: false,
      fallback_reason: null,
      profile: "v5",
      rules: "standard",
      catalog_digest: "d".repeat(64),
      index: "exact",
      encoder: "tiny",
      preprocess: "clip-exact-224",
    });
  });

  it("describes the query by its color, its palette and the gender asked for", async () => {
    expect((await replyTo({ gender: "male" })).query_item).toEqual({
      dominant_color: "RGB(200, 30, 40)",
      dominant_color_rgb: [200, 30, 40],
      predicted_gender: "male",
      gender_confidence: 1,
      palette: [{ rgb: [200, 30, 40], share: 1 }],
    });
  });

  it.each(["v4", "v5"] as const)("has score parts that sum to the shown score in %s", async (profile) => {
    const { recommendations } = await replyTo({ profile });
    expect(recommendations).toHaveLength(2);
    for (const row of recommendations) {
      const { total, ...others } = partsOf(row);
      expect(Object.values(others).reduce((sum, part) => sum + part)).toBe(total);
      expect(row.score).toBe(total! / 10_000);
    }
  });

  it("gives each suggestion a rank, and the shop's words only where it has any", async () => {
    const [pants, bag] = (await replyTo()).recommendations;
    expect(pants).toMatchObject({ item_id: "pants", rank: 1, boosted: true, title: "Pants", url: "https://shop/p" });
    expect(pants).not.toHaveProperty("image_url");
    expect(bag).toMatchObject({ item_id: "bag", rank: 2, image_url: "https://shop/b.jpg" });
    expect(bag).not.toHaveProperty("title");
  });

  it("tells how colors were matched only to those who ask", async () => {
    const [quiet] = (await replyTo()).recommendations;
    const [told] = (await replyTo({ explain: true })).recommendations;
    expect(quiet).not.toHaveProperty("reasons.harmony");
    expect(told).toMatchObject({ reasons: { harmony: { rule: "analogous", hue_distance_turns: 0 } } });
  });

  it("tells the vote", async () => {
    expect((await replyTo()).category_vote).toMatchObject({ category: "upperwear_shirt", source: "vote" });
    expect((await replyTo({ category: "hat" })).category_vote).toMatchObject({ category: "hat", source: "caller" });
  });

  it("says that a fallback is one, and that its pieces do not complete the query", async () => {
    const excludeIds = ["pants", "bag"];
    const v5 = await replyTo({ excludeIds });
    expect(v5).toMatchObject({ fallback: true, fallback_reason: "category_excluded_all" });
    expect(v5.recommendations).toMatchObject([{ item_id: "shirt", category_score: 0 }]);
    // V4 gave every item of its fallback a 1.
    expect((await replyTo({ excludeIds, profile: "v4" })).recommendations).toMatchObject([{ category_score: 1 }]);
  });

  it("lists similar items by their similarity alone", async () => {
    const reply = await replyTo({ mode: "similar", topK: 1 });
    expect(reply).toMatchObject({ mode: "similar", category_vote: null, fallback: false });
    expect(reply.recommendations).toEqual([
      {
        item_id: "shirt",
        category: "upperwear_shirt",
        gender: "unisex",
        score: 0.9,
        color_score: null,
        category_score: null,
        gender_score: null,
        colors: [[200, 30, 40]],
        path: "shirt.png",
        rank: 1,
        similarity: 0.9,
      },
    ]);
  });

  it("has no color where an embedding came without one", async () => {
    const source = { kind: "embedding", embedding: Float32Array.of(1, 0), color: null } as const;
    expect((await replyTo({ source, mode: "similar" })).query_item).toMatchObject({
      dominant_color: null,
      dominant_color_rgb: null,
      palette: [],
    });
  });
});
