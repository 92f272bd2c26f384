import type { z } from "zod";
import { ServiceError } from "../domain/errors.js";
import { type ImageReference, parseS3Reference, parseUrlReference } from "../domain/image-reference.js";
import type { Parsed } from "../domain/parsed.js";
import { defaultProfile } from "../domain/profile.js";
import type { Query, QuerySource } from "../domain/query.js";
import type { BodyForm } from "./body-form.js";
import { readCustomAttributes } from "./custom-attributes.js";
import { readImageField } from "./image-field.js";
import { type Options, optionsSchema, type RequestBody, requestSchema } from "./query-schema.js";

// Longer than any list and more than the fields there are: what is larger is refused before each entry is looked at,
// because twenty megabytes of entries would hold up everybody else.
const maxListLength = 16_384;
const maxFields = 100;

/** What V4's clients send and V4 never read. */
const ignoredKeys = ["min_score"];

/**
 * One request as the pipeline takes it; of JSON Lines a single line, which may also be nothing but a picture's string.
 * @throws ServiceError `body_malformed` | `option_invalid`; `body_empty` for a blank line; nothing else
 */
export function parseQuery(form: BodyForm, body: Uint8Array, customAttributes: string | undefined): Query {
  if (form === "image") {
    const options = parseFields(optionsSchema, readCustomAttributes(customAttributes ?? ""));
    return toQuery({ kind: "image", bytes: body }, options);
  }
  if (form === "lines" && isBlank(body)) throw new ServiceError("body_empty");
  const value = parseJson(body);
  return form === "lines" ? toRecordQuery(value) : toJsonQuery(value);
}

/** One record of many; a string is its picture, because that is what a batch job's input filter `$.image` leaves. */
export function toRecordQuery(value: unknown): Query {
  return toJsonQuery(typeof value === "string" ? { image: value } : value);
}

/** One request out of its JSON. @throws ServiceError `body_malformed` | `option_invalid`, nothing else */
export function toJsonQuery(value: unknown): Query {
  const fields = parseFields(requestSchema, withoutIgnored(requireObject(value)));
  return toQuery(toSource(fields), fields);
}

/** @throws ServiceError `body_malformed` */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new ServiceError("body_malformed", { reason: "not JSON in UTF-8" }, error);
  }
}

/** JSON's own blanks: the carriage return of a line that ended in two characters is one. */
function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function requireObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ServiceError("body_malformed", { reason: "not a JSON object" });
  }
  requireSmall(value);
  return value as Readonly<Record<string, unknown>>;
}

function requireSmall(fields: object): void {
  if (Object.keys(fields).length > maxFields) throw new ServiceError("body_malformed", { reason: "too many fields" });
  for (const [option, entry] of Object.entries(fields)) {
    if (!Array.isArray(entry) || entry.length <= maxListLength) continue;
    throw new ServiceError("option_invalid", { option, reason: `a list has at most ${maxListLength} entries` });
  }
}

/** V4 looked at its S3 address only where there was no picture. */
function withoutIgnored(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const ignored = "image" in fields ? [...ignoredKeys, "image_s3_uri"] : ignoredKeys;
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !ignored.includes(key)));
}

function parseFields<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    throw new ServiceError("option_invalid", { option: issue.keys[0] ?? "", reason: "there is no such option" });
  }
  const field = String(issue.path[0]);
  if (field === "image") throw new ServiceError("body_malformed", { field, reason: issue.message });
  throw new ServiceError("option_invalid", { option: field, reason: issue.message });
}

function toSource(body: RequestBody): QuerySource {
  const { image, image_s3_uri, image_url, item_id, embedding, color_rgb } = body;
  const given = [image, image_s3_uri, image_url, item_id, embedding].filter((each) => each !== undefined);
  if (given.length !== 1) {
    const reason = "needs exactly one of image, image_s3_uri, image_url, item_id and embedding";
    throw new ServiceError("body_malformed", { reason });
  }
  if (embedding === undefined && color_rgb != null) {
    throw new ServiceError("option_invalid", { option: "color_rgb", reason: "goes with an embedding alone" });
  }
  if (image !== undefined) return { kind: "image", bytes: readImageField(image) };
  if (image_s3_uri !== undefined) return toReference("image_s3_uri", parseS3Reference(image_s3_uri));
  if (image_url !== undefined) return toReference("image_url", parseUrlReference(image_url));
  if (item_id !== undefined) return { kind: "item", id: item_id };
  return { kind: "embedding", embedding: toVector(embedding!), color: color_rgb ?? null };
}

function toReference(option: string, parsed: Parsed<ImageReference>): QuerySource {
  if ("value" in parsed) return { kind: "reference", reference: parsed.value };
  throw new ServiceError("option_invalid", { option, reason: parsed.problems[0] });
}

/** Checked as the float32 it becomes: 1e300 is finite until then, and 1e-300 not zero. */
function toVector(values: readonly number[]): Float32Array {
  const vector = Float32Array.from(values);
  const isUsable = vector.every(Number.isFinite) && vector.some((value) => value !== 0);
  if (isUsable) return vector;
  throw new ServiceError("option_invalid", { option: "embedding", reason: "its length is zero or not finite" });
}

function toQuery(source: QuerySource, options: Options): Query {
  const mode = options.mode ?? "outfit";
  if (mode === "outfit" && source.kind === "embedding" && source.color === null) {
    throw new ServiceError("option_invalid", {
      option: "color_rgb",
      reason: "an outfit for an embedding needs its color",
    });
  }
  return {
    source,
    mode,
    profile: options.profile ?? defaultProfile,
    gender: options.gender ?? null,
    category: options.category ?? null,
    topK: options.n_recommendations ?? options.top_k ?? null,
    itemsPerCategory: options.items_per_category ?? null,
    excludeIds: options.exclude_ids ?? [],
    explain: options.explain ?? false,
  };
}
