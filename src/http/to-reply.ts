import type { Candidate } from "../domain/candidate.js";
import { toItemId } from "../domain/candidate.js";
import type { CatalogItem } from "../domain/catalog.js";
import { toFlags, toHarmonyExplanation, toVoteExplanation } from "../domain/explanation.js";
import { unknownGender } from "../domain/gender.js";
import type { Ranking, Suggestion } from "../domain/ranking.js";
import { fromPoints, toPoints } from "../domain/rounding.js";
import { toShownScore } from "../domain/score.js";
import type { SimilarItem } from "../domain/similar-items.js";
import type { Recommendation, ServedFacts } from "../pipeline.js";

/** What an answer says beyond the recommendation itself. */
export type ReplyContext = Readonly<{
  facts: ServedFacts;
  /** By row. */
  items: Pick<readonly Pick<CatalogItem, "title" | "price" | "url" | "imageUrl">[], "at">;
}>;

/** What the shop says of an item, as far as it says anything. */
type ShopWords = ReturnType<ReplyContext["items"]["at"]>;

/** The JSON of an answer: every field V4 sent, in V4's order, then ours. Scores have four decimals, as V4's. */
export function toReply(recommendation: Recommendation, { facts, items }: ReplyContext) {
  const { query, ranking, similar, searchedRows, totalCandidates } = recommendation;
  const rows =
    ranking === null
      ? similar.map((each, i) => toSimilarRow(each, i + 1, items.at(each.candidate.row)))
      : ranking.suggestions.map((each) => toOutfitRow(each, ranking, recommendation, items.at(each.candidate.row)));
  return {
    query_item: toQueryItem(recommendation),
    recommendations: rows,
    total_candidates: totalCandidates,
    faiss_search_results: searchedRows,
    metadata: toMetadata(recommendation, facts),
    enterprise_config: {
      items_per_category: query.itemsPerCategory ?? facts.rules.itemsPerCategory,
      max_total_recommendations: facts.rules.maxTotal,
    },
    mode: query.mode,
    category_vote: ranking === null ? null : toVoteExplanation(ranking),
    fallback: ranking !== null && ranking.fallback !== null,
    fallback_reason: ranking?.fallback ?? null,
    profile: query.profile,
    rules: facts.rules.name,
    catalog_digest: facts.catalogDigest,
    index: facts.index,
    encoder: facts.encoder,
    preprocess: facts.preprocess,
  };
}

function toQueryItem({ color, gender, palette }: Recommendation) {
  return {
    dominant_color: color === null ? null : `RGB(${color.rgb.join(", ")})`,
    dominant_color_rgb: color?.rgb ?? null,
    predicted_gender: gender.value,
    gender_confidence: fromPoints(toPoints(gender.confidence)),
    palette: palette.map(({ rgb, share }) => ({ rgb, share: fromPoints(toPoints(share)) })),
  };
}

function toMetadata({ cache, times }: Recommendation, { items, encoder, encoderState, index }: ServedFacts) {
  const { provider, precision } = encoderState();
  return {
    processing_time_ms: times.totalMs,
    total_items: items,
    model_version: encoder,
    index,
    provider,
    precision,
    fetch_ms: times.fetchMs,
    decode_ms: times.decodeMs,
    encode_ms: times.encodeMs,
    search_ms: times.searchMs,
    rank_ms: times.rankMs,
    cache,
  };
}

// Rows are one literal each, and what is not there is undefined, which JSON leaves out: objects put together from
// spreads take several times the memory, and an answer has dozens.
function toOutfitRow(suggestion: Suggestion, ranking: Ranking, { color, query }: Recommendation, shop: ShopWords) {
  const { candidate, harmony, parts } = suggestion;
  return {
    item_id: toItemId(candidate),
    category: candidate.category,
    gender: candidate.gender ?? unknownGender,
    score: toShownScore(parts),
    color_score: harmony.score,
    // V4 gave every category a 1; in v5 a fallback shows pieces that do not complete the query, and this says so.
    category_score: ranking.profile === "v4" || ranking.fallback === null ? 1 : 0,
    gender_score: suggestion.genderScore,
    colors: toColors(candidate),
    path: candidate.path ?? "",
    rank: suggestion.rank,
    similarity: suggestion.similarity,
    boosted: suggestion.boosted,
    match_reason: suggestion.reason,
    flags: toFlags(suggestion),
    title: shop?.title ?? undefined,
    price: shop?.price ?? undefined,
    url: shop?.url ?? undefined,
    image_url: shop?.imageUrl ?? undefined,
    reasons: {
      score_parts: parts,
      harmony: query.explain && color !== null ? toHarmonyExplanation(suggestion, color) : undefined,
    },
  };
}

/** Only the similarity is compared here, so V4's other scores are null. */
function toSimilarRow({ candidate, similarity }: SimilarItem, rank: number, shop: ShopWords) {
  const score = fromPoints(toPoints(similarity));
  return {
    item_id: toItemId(candidate),
    category: candidate.category,
    gender: candidate.gender ?? unknownGender,
    score,
    color_score: null,
    category_score: null,
    gender_score: null,
    colors: toColors(candidate),
    path: candidate.path ?? "",
    rank,
    similarity: score,
    title: shop?.title ?? undefined,
    price: shop?.price ?? undefined,
    url: shop?.url ?? undefined,
    image_url: shop?.imageUrl ?? undefined,
  };
}

function toColors({ plainColor }: Candidate) {
  return plainColor === null ? ["unknown"] : [plainColor.rgb];
}
