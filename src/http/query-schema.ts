import { z } from "zod";
import { genders, unknownGender } from "../domain/gender.js";
import { profiles } from "../domain/profile.js";

const count = z.int().min(1);
const id = z.string().min(1).max(1000);
const channel = z.int().min(0).max(255);

/** What a caller may ask for, in a JSON body or in the custom attributes of a raw one. Null counts as absent. */
export const optionsSchema = z.strictObject({
  top_k: count.nullish().describe("Most suggestions wanted; more than the rules' maximum counts as the maximum."),
  n_recommendations: count.nullish().describe("V4's name for top_k; wins where both are given, as in V4."),
  items_per_category: count.max(1000).nullish().describe("Best pieces shown per category (v5; v4 shows one)."),
  gender: z
    .enum([...genders, unknownGender])
    .nullish()
    .describe("Whom the outfit is for."),
  category: z
    .string()
    .min(1)
    .max(200)
    .nullish()
    .describe("The query's category, which is then not voted on (v5); in similar mode the only one shown."),
  exclude_ids: z.array(id).max(10_000).nullish().describe("Items that must not be suggested."),
  profile: z.enum(profiles).nullish().describe("Which behavior ranks."),
  mode: z.enum(["outfit", "similar"]).nullish().describe("An outfit around the query, or its nearest items."),
  explain: z.boolean().nullish().describe("Whether each suggestion also tells how its color was matched."),
});

/** A JSON body: exactly one of `image`, `image_s3_uri`, `image_url`, `item_id` and `embedding`, and options. */
export const requestSchema = z.strictObject({
  image: z.string().optional().describe("The picture as base64, standard or URL-safe, or as a data URL."),
  image_s3_uri: z.string().optional().describe("The picture as an object in S3, where the operator allows its folder."),
  image_url: z.string().optional().describe("The picture at a web address, where the operator allows its host."),
  item_id: id.optional().describe("An item of the catalog instead of a picture."),
  embedding: z.array(z.number()).min(1).max(16_384).optional().describe("The encoder's own output for a picture."),
  color_rgb: z
    .tuple([channel, channel, channel])
    .nullish()
    .describe("The color of an embedding's picture; an outfit needs one."),
  ...optionsSchema.shape,
});

export type Options = z.infer<typeof optionsSchema>;
export type RequestBody = z.infer<typeof requestSchema>;
export const optionNames: ReadonlySet<string> = new Set(Object.keys(optionsSchema.shape));
