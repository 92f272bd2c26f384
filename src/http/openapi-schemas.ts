import { z } from "zod";
import { type ErrorCode, errorCatalog } from "../domain/errors.js";
import { maxInstances } from "./instances.js";
import type { JsonSchema } from "./openapi-operation.js";
import { requestSchema } from "./query-schema.js";
import {
  harmonySchema,
  metadataSchema,
  outfitRowSchema,
  replySchema,
  rgbSchema,
  similarRowSchema,
  voteSchema,
} from "./reply-schema.js";
import {
  configSchema,
  executionParametersSchema,
  gpuStatsSchema,
  healthSchema,
  reloadSchema,
} from "./status-schemas.js";

const record = z
  .union([requestSchema, z.string().describe("The picture alone, as `image`.")])
  .describe("One request of many.");

const errorSchema = z.strictObject({
  error: z.strictObject({
    code: z.enum(Object.keys(errorCatalog) as ErrorCode[]).describe("For machines; codes do not change."),
    message: z.string().describe("For people: one sentence for each code."),
    retryable: z.boolean().describe("Whether the same request may well succeed later."),
    details: z.record(z.string(), z.union([z.string(), z.number()])).describe("Facts about this very failure."),
  }),
});

const recordAnswer = z.union([replySchema, errorSchema]).describe("The answer to one request of many, or its failure.");

/** What is asked: the very schemas that requests are judged by. */
const requests = {
  Request: requestSchema,
  Record: record,
  Instances: z.strictObject({ instances: z.array(record).max(maxInstances) }),
};

/** What is answered. */
const answers = {
  Reply: replySchema,
  OutfitRow: outfitRowSchema,
  SimilarRow: similarRowSchema,
  Vote: voteSchema,
  Harmony: harmonySchema,
  Metadata: metadataSchema,
  Rgb: rgbSchema,
  RecordAnswer: recordAnswer,
  Predictions: z.strictObject({ predictions: z.array(recordAnswer).describe("In the order of the instances.") }),
  Error: errorSchema,
  Health: healthSchema,
  GpuStats: gpuStatsSchema,
  ExecutionParameters: executionParametersSchema,
  Reload: reloadSchema,
  Config: configSchema,
};

export type SchemaName = keyof typeof requests | keyof typeof answers;

/** Leads to one of `componentSchemas`. */
export function refTo(name: SchemaName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Every schema of the document, by its name. Whoever reads answers must bear fields that come later. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  const { Request, ...others } = toJsonSchemas(requests, "input");
  const open = toJsonSchemas(answers, "output", ({ jsonSchema }) => {
    if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  });
  return { Request: { ...Request!, allOf: sourceRules }, ...others, ...open };
}

type Override = NonNullable<z.core.ToJSONSchemaParams["override"]>;

function toJsonSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  io: "input" | "output",
  override: Override = () => {},
): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, override, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}

const sources = ["image", "image_s3_uri", "image_url", "item_id", "embedding"] as const;
const withColor: JsonSchema = { properties: { color_rgb: { type: "array" } }, required: ["color_rgb"] };
const similarMode: JsonSchema = { properties: { mode: { const: "similar" } }, required: ["mode"] };

/** What no list of fields can say: which of them go together. `toQuery` judges it; a property holds the two together. */
const sourceRules: JsonSchema[] = [
  { description: "Exactly one source.", oneOf: sources.map((source) => ({ required: [source] })) },
  { description: "A color goes with an embedding alone.", anyOf: [{ not: withColor }, { required: ["embedding"] }] },
  {
    description: "An outfit for an embedding needs its color.",
    anyOf: [{ not: { required: ["embedding"] } }, similarMode, withColor],
  },
];
