import type { Piece, Reply } from "../../page/reply.js";

/** One recommended piece as the page reads it. */
export function aPiece(fields: Partial<Piece> = {}): Piece {
  return {
    item_id: "a",
    category: "accessories_bag",
    gender: "unisex",
    score: 0.5,
    rank: 1,
    similarity: 0.4,
    ...fields,
  };
}

/** An answer with these pieces. */
export function aReply(recommendations: readonly Piece[], metadata: Partial<Reply["metadata"]> = {}): Reply {
  return {
    query_item: { dominant_color_rgb: [1, 2, 3], palette: [] },
    recommendations,
    total_candidates: 10,
    metadata: {
      ...{ processing_time_ms: 20, total_items: 10, provider: "cpu", precision: "int8" },
      ...{ fetch_ms: null, decode_ms: 5, encode_ms: 10, search_ms: 1, rank_ms: 2, cache: "miss" },
      ...metadata,
    },
    category_vote: null,
    ...{ fallback: false, fallback_reason: null, profile: "v5", rules: "standard", encoder: "tiny", index: "exact" },
  };
}
