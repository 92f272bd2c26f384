import { type ErrorCode, errorCatalog } from "../domain/errors.js";
import { imageTypes, lineTypes } from "./body-form.js";
import { customAttributesHeader, longestTimeoutMs, maxAttributeCharacters } from "./custom-attributes.js";
import { maxInstances } from "./instances.js";
import { errorAnswers } from "./openapi-errors.js";
import { answerExamples, attributeExamples, requestExamples } from "./openapi-examples.js";
import type { Content, JsonSchema, MediaType, Operation, Parameter } from "./openapi-operation.js";
import { refTo, type SchemaName } from "./openapi-schemas.js";
import { optionNames } from "./query-schema.js";

/** What no request for an outfit can run into. */
const codesElsewhere: ReadonlySet<ErrorCode> = new Set([
  "route_unknown",
  "method_not_allowed",
  "reload_running",
  "reload_failed",
]);
const codes = (Object.keys(errorCatalog) as ErrorCode[]).filter((code) => !codesElsewhere.has(code));

const attributes: Parameter = {
  name: toTitle(customAttributesHeader),
  in: "header",
  description:
    "The options beside a body that has no place for them: `key=value` pairs between commas or semicolons, values " +
    `percent-encoded, \`exclude_ids\` once for each item. Of a picture: ${toList([...optionNames])}, as in the fields ` +
    `of that name. Of every body: \`timeout_ms\`, this request's own limit, from 1 to ${longestTimeoutMs}. Whatever ` +
    "else stands here is left alone.",
  schema: { type: "string", maxLength: maxAttributeCharacters, pattern: "^[\\t\\x20-\\x7e]*$" },
  examples: attributeExamples(),
};

const inferenceId: Parameter = {
  name: "X-Amzn-SageMaker-Inference-Id",
  in: "header",
  description: "The caller's own name for the request; it is in the request's log line.",
  schema: { type: "string" },
};

const picture: JsonSchema = {
  description: "The picture's bytes: JPEG, PNG, WebP, AVIF, GIF or TIFF. Its bytes say which, not its name.",
};

/** `POST /invocations`. */
export const invocations: Operation = {
  operationId: "recommend",
  summary: "The outfit for one garment",
  description:
    "The best piece of every other category, with the reasons; of many requests in one body, an answer or an error for " +
    "each, in their order.\n\n" +
    "`min_score`, which V4's clients send, is taken and left out of account, and so is `image_s3_uri` beside `image`. " +
    "Examples of one name belong together: body, header and answer. Behind a SageMaker endpoint this is " +
    "`InvokeEndpoint`, whose `CustomAttributes` and `InferenceId` become the two headers.",
  tags: ["recommend"],
  parameters: [attributes, inferenceId],
  requestBody: {
    required: true,
    description:
      `A picture; or JSON that has or names one; or up to ${maxInstances} of those in a list; or any number in JSON ` +
      "Lines. Case and parameters of the content type do not matter.",
    content: toContent(["image/png", "image/*", ...imageTypes, "application/json", ...lineTypes], (type) => ({
      ...toRequestBody(type),
      examples: requestExamples(type),
    })),
  },
  responses: {
    "200": {
      description:
        "The answer. JSON Lines have as many lines as the request and no line feed after the last; a record that fails " +
        "has its error in its place.",
      content: toContent(["application/json", ...lineTypes], (type) => {
        if (lineTypes.includes(type)) return { ...linesOf("RecordAnswer"), examples: answerExamples(200, type) };
        return { schema: { oneOf: [refTo("Reply"), refTo("Predictions")] }, examples: answerExamples(200) };
      }),
    },
    ...errorAnswers(codes, { 403: answerExamples(403), 422: answerExamples(422) }),
  },
};

function toRequestBody(type: string): MediaType {
  if (lineTypes.includes(type)) return linesOf("Record");
  if (type !== "application/json") return { schema: picture };
  return { schema: { oneOf: [refTo("Request"), refTo("Instances")] } };
}

/** OpenAPI 3.1 has no word for the schema of a line. */
function linesOf(name: SchemaName): MediaType {
  const description = "JSON Lines; `x-line-schema` is that of each line.";
  return { schema: { type: "string", description, "x-line-schema": refTo(name) } };
}

function toContent(types: readonly string[], toMediaType: (type: string) => MediaType): Content {
  const shown = types.map((type) => {
    const { schema, examples = {} } = toMediaType(type);
    return [type, Object.keys(examples).length === 0 ? { schema } : { schema, examples }] as const;
  });
  return Object.fromEntries(shown);
}

function toList(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** Headers have no case; people read this one more easily. */
function toTitle(header: string): string {
  return header.replace("sagemaker", "SageMaker").replace(/(^|-)([a-z])/g, (text) => text.toUpperCase());
}
