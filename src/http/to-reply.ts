import type { Candidate } from "../domain/candidate.js";
import { toItemId } from "../domain/candidate.js";
import type { CatalogItem } from "../domain/catalog.js";
import { toFlags, toHarmonyExplanation, toVoteExplanation } from "../domain/explanation.js";
import { unknownGender } from "../domain/gender.js";
import type { Ranking, Suggestion } from "../domain/ranking.js";
import { fromPoints, toPoints } from "../domain/rounding.js";
import { toShownScore } from "../domain/score.js";
import type { Recommendation, ServedFacts } from "../pipeline.js";

/** What an answer says beyond the recommendation itself. */
export type ReplyContext = Readonly<{
  facts: ServedFacts;
  /** By row. */
  items: readonly Pick<CatalogItem, "title" | "price" | "url" | "imageUrl">[];
}>;

/** The JSON of an answer: every field V4 sent, in V4's order, then ours. Scores have four decimals, as V4's. */
export function toReply(recommendation: Recommendation, { facts, items }: ReplyContext) {
  const { query, ranking, similar, searchedRows, totalCandidates } = recommendation;
  const extras = (row: number) => toExtras(items[row]);
  const rows =
    ranking === null
      ? similar.map(({ candidate, similarity }, i) => ({
          ...toSimilarRow(candidate, similarity, i + 1),
          ...extras(candidate.row),
        }))
      : ranking.suggestions.map((each) => toOutfitRow(each, ranking, recommendation, extras(each.candidate.row)));
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

function toOutfitRow(
  suggestion: Suggestion,
  ranking: Ranking,
  { color, query }: Recommendation,
  extras: ReturnType<typeof toExtras>,
) {
  const { candidate, rank, similarity, boosted, harmony, genderScore, parts, reason } = suggestion;
  // V4 gave every category a 1; in v5 a fallback shows pieces that do not complete the query, and this says so.
  const categoryScore = ranking.profile === "v4" || ranking.fallback === null ? 1 : 0;
  return {
    ...toIdentity(candidate),
    score: toShownScore(parts),
    color_score: harmony.score,
    category_score: categoryScore,
    gender_score: genderScore,
    ...toPlace(candidate),
    rank,
    similarity,
    boosted,
    match_reason: reason,
    flags: toFlags(suggestion),
    ...extras,
    reasons: {
      score_parts: parts,
      ...(query.explain && color !== null ? { harmony: toHarmonyExplanation(suggestion, color) } : {}),
    },
  };
}

/** Only the similarity is compared here, so V4's other scores are null. */
function toSimilarRow(candidate: Candidate, similarity: number, rank: number) {
  const score = fromPoints(toPoints(similarity));
  const unscored = { color_score: null, category_score: null, gender_score: null };
  return { ...toIdentity(candidate), score, ...unscored, ...toPlace(candidate), rank, similarity: score };
}

function toIdentity(candidate: Candidate) {
  const { category, gender } = candidate;
  return { item_id: toItemId(candidate), category, gender: gender ?? unknownGender };
}

function toPlace({ plainColor, path }: Candidate) {
  return { colors: plainColor === null ? ["unknown"] : [plainColor.rgb], path: path ?? "" };
}

/** What the shop says of an item, as far as it says anything. */
function toExtras(item: ReplyContext["items"][number] | undefined) {
  const { title, price, url, imageUrl } = item ?? { title: null, price: null, url: null, imageUrl: null };
  return {
    ...(title === null ? {} : { title }),
    ...(price === null ? {} : { price }),
    ...(url === null ? {} : { url }),
    ...(imageUrl === null ? {} : { image_url: imageUrl }),
  };
}
