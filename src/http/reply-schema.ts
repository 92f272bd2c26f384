import { z } from "zod";
import { type Harmony, v5HarmonyScores } from "../domain/color-harmony.js";
import { genders, unknownGender } from "../domain/gender.js";
import { profiles } from "../domain/profile.js";
import type { FallbackReason } from "../domain/ranking.js";

// What `toReply` makes, said once more: for the document of the routes, and for the tests that hold real answers against
// it. Nothing that is served goes through it.

const share = z.number().min(0).max(1);
const similarity = z.number().min(-1).max(1);
const milliseconds = z.number().min(0);
const rank = z.int().min(1);
const points = z.int();
const channel = z.int().min(0).max(255);
/** A color in sRGB. */
export const rgbSchema = z.tuple([channel, channel, channel]);

const fallbackReasons = [
  "no_candidates",
  "gender_refused_all",
  "category_excluded_all",
] as const satisfies readonly FallbackReason[];
const harmonies = Object.keys(v5HarmonyScores) as Harmony[];

const queryItem = z.strictObject({
  dominant_color: z.string().nullable().describe("The color the query goes by, as `RGB(200, 30, 40)`."),
  dominant_color_rgb: rgbSchema
    .nullable()
    .describe("The same as three numbers; null for an embedding without a color."),
  predicted_gender: z.enum([...genders, unknownGender]).describe("Whom the outfit is for: as asked, never guessed."),
  gender_confidence: share.describe("1 when the caller said it, else 0."),
  palette: z
    .array(z.strictObject({ rgb: rgbSchema, share: share.describe("Its part of the garment's pixels.") }))
    .describe("The garment's dominant colors, largest share first; empty where no picture was seen."),
});

/** What every answer says of its making. */
export const metadataSchema = z
  .strictObject({
    processing_time_ms: milliseconds.describe("All steps together."),
    total_items: z.int().min(1).describe("Items in the catalog."),
    model_version: z.string().describe("The encoder."),
    index: z.enum(["faiss", "exact", "codes"]).describe("What searched."),
    provider: z.string().describe("Where the encoder ran: `cpu`, `cuda` or `tensorrt`."),
    precision: z.string().describe("With which weights: `fp32`, `fp16`, `int8` or `int8-7bit`."),
    fetch_ms: milliseconds.nullable().describe("Fetching a picture from elsewhere."),
    decode_ms: milliseconds.nullable().describe("Decoding, its wait for a worker included; null where none ran."),
    encode_ms: milliseconds.nullable().describe("Encoding, its wait for a worker included; null where none ran."),
    search_ms: milliseconds,
    rank_ms: milliseconds,
    cache: z
      .enum(["hit", "miss", "joined"])
      .nullable()
      .describe("Whether this very picture was known, new, or just being seen for somebody else; null without one."),
  })
  .describe("What made the answer, and how long it took.");

/** Who voted for what. */
export const voteSchema = z
  .strictObject({
    category: z.string().nullable(),
    source: z.enum(["vote", "caller", "none"]).describe("Who decided it."),
    confidence: share.nullable().describe("How likely the vote is right; null when nobody voted."),
    voters: z
      .array(z.strictObject({ item_id: z.string(), category: z.string().nullable(), similarity, weight: share }))
      .describe("The nearest items, nearest first."),
    tally: z.array(z.strictObject({ category: z.string(), votes: z.int().min(1), share })),
    excluded_categories: z.array(z.string()).describe("What fills the same place and is therefore not suggested."),
  })
  .describe("Why the query counts as its category; null in similar mode.");

/** One of the two colors of a match. */
const colorExplanation = z.strictObject({
  rgb: rgbSchema,
  hue: z.number().min(0).lt(1).describe("In turns."),
  hue_degrees: z.number().min(0).max(360),
  saturation: z.number().min(0).describe("From 0 to 1, up to a rounding step."),
  lightness: z.number().min(0).describe("As the saturation."),
  neutral: z.boolean().describe("Whether it is so gray, dark or light that it goes with anything."),
});

/** Why two colors go together, or not. */
export const harmonySchema = z
  .strictObject({
    rule: z.enum(harmonies),
    score: share,
    query: colorExplanation,
    item: colorExplanation.nullable(),
    hue_distance_turns: z.number().min(0).max(0.5).nullable(),
    hue_distance_degrees: z.number().min(0).max(180).nullable(),
  })
  .describe("How the two colors were matched; only where `explain` was asked for.");

const scoreParts = z
  .strictObject({
    similarity: points,
    harmony: points,
    gender: points,
    category: points.describe("V4's quarter in its fallback; else 0."),
    boost: points.describe("What going together adds."),
    clamp: points.describe("What keeps the score from 0 to 1."),
    total: points.describe("The sum of all others."),
  })
  .describe("The score in whole ten-thousandths, part by part.");

const itemFields = {
  item_id: z.string(),
  category: z.string().nullable(),
  gender: z.string().describe("Whom the item is for: `male`, `female`, `unisex`, or what the catalog says."),
};

const placeFields = {
  colors: z
    .union([z.tuple([rgbSchema]), z.tuple([z.literal("unknown")])])
    .describe("The item's color, or `unknown` where the catalog has none."),
  path: z.string().describe("Of the item's picture in the catalog's folder; blank where there is none."),
};

const shopFields = {
  title: z.string().optional(),
  price: z.string().optional(),
  url: z.string().optional(),
  image_url: z.string().optional(),
};

/** One suggested piece. */
export const outfitRowSchema = z.strictObject({
  ...itemFields,
  score: z.number().min(-1).max(1.15).describe("With four decimals; in `v5` from 0 to 1."),
  color_score: share,
  category_score: share.describe("0 where a fallback shows what does not complete the query, else 1."),
  gender_score: share,
  ...placeFields,
  rank,
  similarity,
  boosted: z.boolean().describe("Whether the two categories go together especially well."),
  match_reason: z.string(),
  flags: z
    .array(z.enum(["color_unknown", "category_missing", "gender_unknown"]))
    .describe("What the catalog does not know of the item."),
  ...shopFields,
  reasons: z.strictObject({ score_parts: scoreParts, harmony: harmonySchema.optional() }),
});

/** One of the nearest items. Only the similarity is compared, so V4's other scores are null. */
export const similarRowSchema = z.strictObject({
  ...itemFields,
  score: similarity,
  color_score: z.null(),
  category_score: z.null(),
  gender_score: z.null(),
  ...placeFields,
  rank,
  similarity,
  ...shopFields,
});

/** The answer to one request. */
export const replySchema = z.strictObject({
  query_item: queryItem,
  recommendations: z
    .union([z.array(outfitRowSchema), z.array(similarRowSchema)])
    .describe("Best first: pieces of an outfit, or in similar mode the nearest items."),
  total_candidates: z.int().min(0).describe("Items that were considered."),
  faiss_search_results: z.int().min(0).describe("Items whose similarity was worked out: all of them."),
  metadata: metadataSchema,
  enterprise_config: z
    .strictObject({ items_per_category: z.int().min(1), max_total_recommendations: z.int().min(1) })
    .describe("The limits in force."),
  mode: z.enum(["outfit", "similar"]),
  category_vote: voteSchema.nullable(),
  fallback: z.boolean().describe("Whether no item passed the outfit rules and the plain order was used."),
  fallback_reason: z.enum(fallbackReasons).nullable(),
  profile: z.enum(profiles),
  rules: z.string().describe("The name of the ranking's rules."),
  catalog_digest: z.string().describe("Names catalog, rules and encoder together."),
  index: z.enum(["faiss", "exact", "codes"]),
  encoder: z.string(),
  preprocess: z.string().describe("How pictures are made ready for the encoder."),
});
