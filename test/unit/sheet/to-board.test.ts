import { describe, expect, it } from "vitest";
import type { Reply } from "../../../client/reply.js";
import { toBoard } from "../../../src/sheet/to-board.js";

const row = {
  item_id: "footwear/heels/1",
  category: "footwear_heels",
  gender: "female",
  score: 0.9,
  color_score: 0.9,
  category_score: 1,
  gender_score: 1,
  colors: [[30, 200, 190]],
  path: "footwear/heels/1.png",
  rank: 1,
  similarity: 0.5,
  boosted: true,
  match_reason: "",
  flags: [],
  reasons: { score_parts: { similarity: 1500, harmony: 3600, gender: 2000, category: 0, boost: 1065, clamp: 0 } },
};

/** An answer with one row. */
function aReply(changes: object = {}, rowChanges: object = {}): Reply {
  return {
    query_item: { dominant_color_rgb: [200, 30, 40], palette: [{ rgb: [200, 30, 40], share: 0.9 }] },
    category_vote: {
      ...{ category: "one-piece_dress", source: "vote", confidence: 0.861, voters: [{}, {}, {}], tally: [] },
    },
    recommendations: [{ ...row, ...rowChanges }],
    metadata: { total_items: 130, precision: "int8" },
    ...{ mode: "outfit", fallback: false, fallback_reason: null, profile: "v5", encoder: "lite", index: "faiss" },
    catalog_digest: "0123456789abcdef",
    ...changes,
  } as unknown as Reply;
}

const pictures = { name: "dress.png", query: null, pieces: [] };

describe("a board", () => {
  it("says what the answer says", () => {
    const { heading, facts, query, cards, notice } = toBoard(aReply(), pictures);
    expect({ heading, notice }).toEqual({ heading: "An outfit around this dress", notice: null });
    expect(facts).toEqual(["catalog 0123456789ab", "130 items", "profile v5", "encoder lite int8", "index faiss"]);
    expect(query).toMatchObject({ name: "dress.png", category: "Dress", vote: "voted by its 3 nearest, 86 % sure" });
    expect(cards[0]).toMatchObject({
      ...{ category: "Heels", name: "footwear/heels/1", isTitle: false, score: 0.9, boosted: true, price: null },
      match: { rule: "complementary", degrees: 180 },
      parts: [
        { name: "similarity", share: 0.15 },
        { name: "harmony", share: 0.36 },
        { name: "gender", share: 0.2 },
        { name: "boost", share: 0.1065 },
      ],
    });
  });

  it.each([
    [
      { category_vote: { category: "bottomwear_pants", source: "caller" } },
      "An outfit around these pants",
      "as you said",
    ],
    [
      { category_vote: { category: null, source: "none" } },
      "An outfit around this piece",
      "nobody could say what it is",
    ],
    [{ category_vote: null, mode: "similar" }, "The nearest items", "asked for its nearest items"],
    [
      { fallback: true, fallback_reason: "no_candidates" },
      "The most similar pieces",
      "voted by its 3 nearest, 86 % sure",
    ],
  ])("of %j is headed by what it is", (changes, heading, vote) => {
    expect(toBoard(aReply(changes), pictures)).toMatchObject({ heading, query: { vote } });
  });

  it("tells that no outfit was found, and why", () => {
    const { notice } = toBoard(aReply({ fallback: true, fallback_reason: "gender_refused_all" }), pictures);
    expect(notice).toBe("No outfit was found (gender_refused_all).");
  });

  it("takes the rule that the answer names over its own", () => {
    const { cards } = toBoard(aReply({}, { reasons: { harmony: { rule: "triadic" } } }), pictures);
    expect(cards[0]?.match?.rule).toBe("triadic");
    expect(toBoard(aReply({}, { colors: ["unknown"] }), pictures).cards[0]?.match).toEqual({
      rule: "unknown",
      degrees: null,
    });
  });

  it.each([
    [{ query_item: undefined, category_vote: undefined, metadata: undefined }, {}],
    [
      { query_item: { palette: "none", dominant_color_rgb: [1, 2] } },
      { score: "high", colors: undefined, reasons: null },
    ],
    [
      { category_vote: { category: 7, tally: 7, voters: 7, confidence: "sure" } },
      { title: 7, price: {}, rank: "first" },
    ],
  ])("bears an answer of %j with a row of %j", (changes, rowChanges) => {
    expect(toBoard(aReply(changes, rowChanges), pictures).cards).toHaveLength(1);
  });

  it("keeps words on one line and free of what nobody sees", () => {
    const { cards } = toBoard(aReply({}, { title: " a\u0000b\n\u2028c\ud800 " }), pictures);
    expect(cards[0]?.name).toBe("a b c\ufffd");
  });

  it.each([
    ["javascript:alert(1)", null],
    ["data:text/html,x", null],
    ["https://shop.example/a", "https://shop.example/a"],
  ])("links %s as %s", (url, link) => {
    expect(toBoard(aReply({}, { url }), pictures).cards[0]?.link).toBe(link);
  });
});
