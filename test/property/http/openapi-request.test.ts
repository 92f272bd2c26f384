import fc from "fast-check";
import { expect, test } from "vitest";
import { ServiceError } from "../../../src/domain/errors.js";
import { toOpenApiDocument } from "../../../src/http/openapi-document.js";
import { toJsonQuery } from "../../../src/http/parse-query.js";
import { createOpenApiValidator } from "../../support/openapi-validator.js";

const { complaintsAt } = createOpenApiValidator(toOpenApiDocument("0.0.0"));

const nothing = fc.constant(null);
const few = fc.integer({ min: -1, max: 3 });
const channel = fc.integer({ min: -1, max: 256 });
const word = fc.constantFrom(
  "",
  "shirt",
  "male",
  "female",
  "unisex",
  "unknown",
  "v4",
  "v5",
  "outfit",
  "similar",
  "other",
);
const rest = fc.oneof(word, few, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), nothing);

const soundSources = {
  image: "bm8gcGljdHVyZQ==",
  image_s3_uri: "s3://bucket/look.jpg",
  image_url: "https://shop.example/look.jpg",
  item_id: "shirt",
  embedding: [0.5, 1],
};
const sources = Object.keys(soundSources) as (keyof typeof soundSources)[];

/** An address beside a picture is left out of account, as in V4; the document says so in words. */
function hasNoIgnoredField(fields: object): boolean {
  return !("image" in fields && "image_s3_uri" in fields);
}

/** Bodies that are right or nearly so: every field present or not, of its own kind or of another. */
const body = fc
  .record(
    {
      image: fc.oneof({ weight: 4, arbitrary: fc.constant("bm8gcGljdHVyZQ==") }, rest),
      image_s3_uri: fc.constant("s3://bucket/look.jpg"),
      image_url: fc.constant("https://shop.example/look.jpg"),
      item_id: fc.oneof({ weight: 4, arbitrary: fc.constant("shirt") }, rest),
      embedding: fc.oneof({ weight: 4, arbitrary: fc.constant([0.5, 1]) }, fc.array(rest, { maxLength: 2 }), rest),
      color_rgb: fc.oneof(
        { weight: 4, arbitrary: fc.constant([1, 2, 3]) },
        fc.array(channel, { minLength: 2, maxLength: 4 }),
        rest,
      ),
      top_k: fc.oneof(few, rest),
      items_per_category: fc.oneof(few, fc.constantFrom(1000, 1001), rest),
      gender: fc.oneof(word, rest),
      category: fc.oneof(word, rest),
      exclude_ids: fc.oneof(fc.array(word, { maxLength: 3 }), rest),
      profile: fc.oneof(word, rest),
      mode: fc.oneof(word, rest),
      explain: fc.oneof(fc.boolean(), rest),
      surprise: rest,
    },
    { requiredKeys: [] },
  )
  .filter(hasNoIgnoredField);

/** Sound fields, so that what goes together decides; at most one of them has another's kind. */
const soundBody = fc
  .tuple(
    fc.record(
      {
        color_rgb: fc.constantFrom([1, 2, 3], null),
        mode: fc.constantFrom("similar", "outfit", null),
        gender: fc.constantFrom("female", "unknown", null),
        exclude_ids: fc.constantFrom([], ["shirt"], null),
        top_k: fc.constantFrom(1, 26, null),
        explain: fc.constantFrom(true, null),
      },
      { requiredKeys: [] },
    ),
    fc.subarray(sources, { minLength: 0, maxLength: 2 }),
    fc.option(fc.tuple(fc.constantFrom("color_rgb", "mode", "gender", "top_k", "explain"), rest), { freq: 4 }),
  )
  .map(([options, given, spoiled]) => ({
    ...Object.fromEntries(given.map((source) => [source, soundSources[source]])),
    ...options,
    ...(spoiled === null ? {} : { [spoiled[0]]: spoiled[1] }),
  }))
  .filter(hasNoIgnoredField);

function isTaken(value: unknown): boolean {
  try {
    toJsonQuery(value);
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

/** A vector without a length is the parser's to refuse: no schema adds up. An image that holds no base64 is, too. */
function isBeyondSchemas({ embedding, image }: Readonly<{ embedding?: unknown; image?: unknown }>): boolean {
  const isVector =
    Array.isArray(embedding) && embedding.length > 0 && embedding.every((each) => typeof each === "number");
  const isNull = isVector && !(Float32Array.from(embedding).some((each) => each !== 0) && embedding.every(isFloat));
  return isNull || (typeof image === "string" && Buffer.from(image, "base64").length === 0);
}

const isFloat = (value: number): boolean => Number.isFinite(Math.fround(value));

test("the document and the parser take and refuse the same bodies", () => {
  const verdicts = new Set<boolean>();
  fc.assert(
    fc.property(fc.oneof(body, soundBody), (fields) => {
      const value: unknown = JSON.parse(JSON.stringify(fields));
      fc.pre(!isBeyondSchemas(value as object));
      const complaints = complaintsAt("/components/schemas/Request", value);
      const taken = isTaken(value);
      verdicts.add(taken);
      expect({ taken, complaints: taken ? complaints : [] }).toEqual({
        taken: complaints.length === 0,
        complaints: [],
      });
    }),
    { numRuns: 2000 },
  );
  expect(verdicts).toEqual(new Set([true, false]));
});
