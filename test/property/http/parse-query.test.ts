import fc from "fast-check";
import { expect, it } from "vitest";
import { ServiceError } from "../../../src/domain/errors.js";
import { toBodyForm } from "../../../src/http/body-form.js";
import { toErrorReply } from "../../../src/http/error-response.js";
import { parseBody } from "../../../src/http/instances.js";
import { parseQuery } from "../../../src/http/parse-query.js";

const runs = { numRuns: 500 };
const names = [
  "image",
  "image_s3_uri",
  "image_url",
  "item_id",
  "embedding",
  "color_rgb",
  "top_k",
  "gender",
  "exclude_ids",
  "explain",
  "mode",
  "__proto__",
];

/** Whether it parsed; anything but a refusal by name fails the test. */
function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error.code).toMatch(/^(body_empty|body_malformed|option_invalid|media_type_unsupported)$/);
    return false;
  }
}

it("parses any JSON or refuses it by name", () => {
  const value = fc.oneof(fc.jsonValue(), fc.array(fc.double()), fc.string(), fc.integer());
  const body = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value);
  fc.assert(
    fc.property(fc.oneof(body, fc.jsonValue()), (json) => {
      parses(() => parseQuery("json", Buffer.from(JSON.stringify(json) ?? ""), undefined));
    }),
    runs,
  );
});

it("parses any line or refuses it by name", () => {
  const line = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
    fc.string().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(line, (bytes) => {
      parses(() => parseQuery("lines", bytes, undefined));
    }),
    runs,
  );
});

it("takes any JSON for a list of instances, a request, or refuses it by name", () => {
  const entries = fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue());
  const body = fc.oneof(fc.record({ instances: entries }), fc.record({ instances: entries, top_k: fc.integer() }));
  fc.assert(
    fc.property(body, (json) => {
      parses(() => parseBody("json", Buffer.from(JSON.stringify(json)), undefined));
    }),
    runs,
  );
});

it("parses any bytes as JSON or refuses them by name", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      parses(() => parseQuery("json", bytes, undefined));
    }),
    runs,
  );
});

it("takes any custom attributes or refuses them by name", () => {
  const pair = fc.tuple(fc.constantFrom("top_k", "gender", "exclude_ids", "other", ""), fc.string());
  const header = fc.oneof(
    fc.string(),
    fc.array(pair).map((pairs) => pairs.map((each) => each.join("=")).join(",")),
  );
  fc.assert(
    fc.property(header, (text) => {
      parses(() => parseQuery("image", Uint8Array.of(1), text));
    }),
    runs,
  );
});

it("takes any content type or refuses it by name", () => {
  fc.assert(
    fc.property(fc.option(fc.string(), { nil: undefined }), (type) => {
      parses(() => toBodyForm(type));
    }),
    runs,
  );
});

it("finds any picture again in its base64, wherever its lines break", () => {
  const broken = fc.tuple(fc.uint8Array({ minLength: 1 }), fc.integer({ min: 1, max: 80 }));
  fc.assert(
    fc.property(broken, ([bytes, width]) => {
      const lines =
        Buffer.from(bytes)
          .toString("base64")
          .match(new RegExp(`.{1,${width}}`, "g")) ?? [];
      const query = parseQuery("json", Buffer.from(JSON.stringify({ image: lines.join("\r\n") })), undefined);
      expect(query.source).toEqual({ kind: "image", bytes: Buffer.from(bytes) });
    }),
    runs,
  );
});

it("keeps any error within what the platform hands on", () => {
  const hostile = fc.string({ unit: fc.constantFrom("a", "\u0000", "\ud800", '"'), minLength: 100, maxLength: 500 });
  const details = fc.dictionary(fc.string({ maxLength: 20 }), fc.oneof(hostile, fc.string(), fc.double()));
  fc.assert(
    fc.property(details, (given) => {
      const text = JSON.stringify(toErrorReply(new ServiceError("option_invalid", given)).body);
      expect(text.startsWith('{"error":{"code":"option_invalid"')).toBe(true);
      expect(text.length).toBeLessThanOrEqual(2048);
    }),
    runs,
  );
});
