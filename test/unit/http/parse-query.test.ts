import { describe, expect, it } from "vitest";
import { toBodyForm } from "../../../src/http/body-form.js";
import { parseQuery } from "../../../src/http/parse-query.js";

const picture = Buffer.from("any bytes at all: ÿ>?ÿ");
const image = picture.toString("base64");
const json = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const parseJson = (value: unknown) => parseQuery("json", json(value), undefined);
const parseImage = (attributes?: string) => parseQuery("image", picture, attributes);
const refusal = (code: string, details: object = {}) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) });

describe("the content type", () => {
  it.each([
    ["application/json", "json"],
    ["Application/JSON; charset=utf-8", "json"],
    ["image/jpeg", "image"],
    ["IMAGE/PNG", "image"],
    ["image/anything; q=1", "image"],
    ["application/x-image", "image"],
    ["application/octet-stream", "image"],
    ["application/jsonlines", "lines"],
    ["Application/JSONLines; charset=utf-8", "lines"],
    ["application/x-ndjson", "lines"],
  ])("%s is %s", (type, form) => expect(toBodyForm(type)).toBe(form));

  it.each([
    "",
    undefined,
    "text/csv",
    "application/jsonlinesx",
    "application/jsonx",
    "image/",
    "image",
    "multipart/form-data",
  ])("%s is refused", (type) => expect(() => toBodyForm(type)).toThrow(refusal("media_type_unsupported")));
});

describe("a raw picture", () => {
  it("is the whole body, with every option at its default", () => {
    expect(parseImage()).toEqual({
      source: { kind: "image", bytes: picture },
      mode: "outfit",
      profile: "v5",
      gender: null,
      category: null,
      topK: null,
      itemsPerCategory: null,
      excludeIds: [],
      explain: false,
    });
  });

  it("takes its options from the custom attributes, between commas or semicolons", () => {
    const attributes =
      "trace=00-ab,top_k=5; gender=female,explain=true,category=upperwear_shirt,profile=v4,mode=similar," +
      "items_per_category=2,exclude_ids=a%2Cb,exclude_ids=c%3Bd,min_score=0.5";
    expect(parseImage(attributes)).toMatchObject({
      topK: 5,
      gender: "female",
      explain: true,
      category: "upperwear_shirt",
      profile: "v4",
      mode: "similar",
      itemsPerCategory: 2,
      excludeIds: ["a,b", "c;d"],
    });
  });

  it("leaves other people's attributes alone, however odd", () => {
    const attributes = "session=%%%,noequals,=,top_kk=x, ,x-ray=Root=1-67891233;abc";
    expect(parseImage(attributes)).toEqual(parseImage());
  });

  it.each([
    ["top_k=0", "top_k"],
    ["top_k=five", "top_k"],
    ["top_k=1.5", "top_k"],
    ["n_recommendations=-1", "n_recommendations"],
    ["gender=male;explain=maybe", "explain"],
    ["gender=robot", "gender"],
    ["category=%E0%A4%A", "category"],
    ["category=", "category"],
    ["profile=v6", "profile"],
  ])("refuses %s, naming %s", (attributes, option) => {
    expect(() => parseImage(attributes)).toThrow(refusal("option_invalid", { option }));
  });

  it.each(["x".repeat(1025), "top_k=5,name=é", "a=\n"])(
    "refuses a header that the platform would not send",
    (header) => {
      expect(() => parseImage(header)).toThrow(
        refusal("option_invalid", { option: "X-Amzn-SageMaker-Custom-Attributes" }),
      );
    },
  );
});

describe("a picture in JSON", () => {
  it.each([
    ["base64", image],
    ["line breaks and spaces", `${image.slice(0, 8)}\r\n ${image.slice(8)}\n`],
    ["the URL-safe alphabet", image.replaceAll("+", "-").replaceAll("/", "_")],
    ["missing padding", image.replaceAll("=", "")],
    ["a data URL", `data:image/png;base64,${image}`],
    ["a data URL with more parameters", `DATA:image/png;name=a.png;BASE64,${image}`],
  ])("may be %s", (_how, text) => {
    expect(parseJson({ image: text }).source).toEqual({ kind: "image", bytes: picture });
  });

  it.each(["", "====", "data:image/png;base64,", "data:image/png,abc", "data:", 5, null, ["a"]])(
    "may not be %j",
    (text) => {
      expect(() => parseJson({ image: text })).toThrow(refusal("body_malformed", { field: "image" }));
    },
  );

  it("lets n_recommendations win over top_k, as V4 did, and null count as absent", () => {
    expect(parseJson({ image, n_recommendations: 2, top_k: 9 }).topK).toBe(2);
    expect(parseJson({ image, n_recommendations: null, top_k: 9 }).topK).toBe(9);
    expect(parseJson({ image, top_k: null, gender: null, explain: null, exclude_ids: null })).toEqual(
      parseJson({ image }),
    );
  });

  it("ignores what V4's clients sent in vain", () => {
    expect(parseJson({ image, min_score: 0.5, image_s3_uri: "s3://b/k" })).toEqual(parseJson({ image }));
  });

  it("does not look at the custom attributes, whatever they hold", () => {
    expect(parseQuery("json", json({ image, top_k: 3 }), "top_k=é").topK).toBe(3);
  });

  it.each([
    [{ top_k: 0 }, "top_k"],
    [{ top_k: "5" }, "top_k"],
    [{ top_k: 1e300 }, "top_k"],
    [{ n_recommendations: "many" }, "n_recommendations"],
    [{ items_per_category: 1001 }, "items_per_category"],
    [{ gender: "Female" }, "gender"],
    [{ category: "" }, "category"],
    [{ exclude_ids: "a" }, "exclude_ids"],
    [{ exclude_ids: ["a", 5] }, "exclude_ids"],
    [{ explain: "true" }, "explain"],
    [{ mode: "nearest" }, "mode"],
    [{ color_rgb: [1, 2, 3] }, "color_rgb"],
    [{ topk: 5 }, "topk"],
  ])("refuses %j, naming %s", (options, option) => {
    expect(() => parseJson({ image, ...options })).toThrow(refusal("option_invalid", { option }));
  });
});

describe("a JSON body without a picture", () => {
  it("may name an item", () => {
    expect(parseJson({ item_id: "upperwear/shirt/1" }).source).toEqual({ kind: "item", id: "upperwear/shirt/1" });
  });

  it("may hold an embedding, with its color for an outfit", () => {
    const source = { kind: "embedding", embedding: Float32Array.of(0.5, -2), color: [1, 2, 3] };
    expect(parseJson({ embedding: [0.5, -2], color_rgb: [1, 2, 3] }).source).toEqual(source);
    expect(parseJson({ embedding: [0.5, -2], mode: "similar" }).source).toEqual({ ...source, color: null });
    expect(() => parseJson({ embedding: [0.5, -2] })).toThrow(refusal("option_invalid", { option: "color_rgb" }));
  });

  it.each([[[]], [[0, 0]], [[1e300]], [[1e-300]], [["1"]], [[null]], ["1,2"]])(
    "refuses the embedding %j",
    (embedding) => {
      expect(() => parseJson({ embedding, mode: "similar" })).toThrow(
        refusal("option_invalid", { option: "embedding" }),
      );
    },
  );

  it.each([[{}], [{ Image: image }], [{ item_id: "a", image }], [{ item_id: "a", embedding: [1] }]])(
    "needs exactly one of the three: %j",
    (body) =>
      expect(() => parseJson(body)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/body_malformed|option_invalid/) }),
      ),
  );

  it.each(["[]", '"image"', "7", "null", "{", "", '{"a":1}}', "\u0000"])("is refused when it is %j", (body) => {
    expect(() => parseJson(body)).toThrow(refusal("body_malformed"));
  });

  it("is refused by its size before each entry is looked at", () => {
    const fields = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`field${i}`, i]));
    expect(() => parseJson(fields)).toThrow(refusal("body_malformed", { reason: "too many fields" }));
    const embedding = new Array(16_385).fill(1);
    expect(() => parseJson({ embedding })).toThrow(refusal("option_invalid", { option: "embedding" }));
  });

  it("is refused when it is not UTF-8", () => {
    expect(() => parseQuery("json", Uint8Array.of(0x22, 0xff, 0x22), undefined)).toThrow(refusal("body_malformed"));
  });

  it.each([
    ["image_s3_uri", "s3://photos/a%20b.jpg", { kind: "s3", bucket: "photos", key: "a%20b.jpg" }],
    ["image_url", "https://cdn.example/a.jpg", { kind: "url", url: "https://cdn.example/a.jpg" }],
  ])("may name its picture by %s", (field, text, reference) => {
    const parsed = parseJson({ [field]: text, top_k: 4 });
    expect(parsed.source).toEqual({ kind: "reference", reference });
    expect(parsed.topK).toBe(4);
  });

  it.each([
    ["image_s3_uri", "http://bucket/key"],
    ["image_s3_uri", "s3://bucket"],
    ["image_s3_uri", null],
    ["image_s3_uri", 5],
    ["image_url", "s3://bucket/key"],
    ["image_url", "https://user@cdn.example/a.jpg"],
    ["image_url", ""],
    ["image_url", ["https://cdn.example/a.jpg"]],
  ])("refuses %s as %j", (field, value) => {
    expect(() => parseJson({ [field]: value })).toThrow(refusal("option_invalid", { option: field }));
  });

  it("names one picture, whichever way: only V4's own pair of fields is older than this rule", () => {
    const [s3, url] = ["s3://photos/a.jpg", "https://cdn.example/a.jpg"];
    for (const fields of [
      { image_s3_uri: s3, image_url: url },
      { image, image_url: url },
      { image_s3_uri: s3, item_id: "a" },
      { image_url: url, embedding: [1, 0] },
    ]) {
      expect(() => parseJson(fields)).toThrow(
        refusal("body_malformed", { reason: expect.stringContaining("exactly one") }),
      );
    }
    expect(parseJson({ image, image_s3_uri: "no address at all" })).toEqual(parseJson({ image }));
  });
});

describe("a line of JSON Lines", () => {
  const parseLine = (text: string) => parseQuery("lines", Buffer.from(text), undefined);

  it.each(["", "\r", " \t", "  \r"])("is empty as %j", (text) => {
    expect(() => parseLine(text)).toThrow(refusal("body_empty"));
  });

  it.each(['{"item_id":"a"}', '{"item_id":"a"}\r', ' {"item_id":"a"} '])("is a request as %j", (text) => {
    expect(parseLine(text)).toEqual(parseJson({ item_id: "a" }));
  });

  it("may be nothing but its picture", () => {
    const image = Buffer.from(picture).toString("base64");
    expect(parseLine(JSON.stringify(image))).toEqual(parseJson({ image }));
    expect(() => parseLine('""')).toThrow(refusal("body_malformed", { field: "image" }));
  });

  it.each(["{", "1", "null", "[]", '{"item_id":"a"}{"item_id":"b"}'])("is refused as %s", (text) => {
    expect(() => parseLine(text)).toThrow(refusal("body_malformed"));
  });

  it("is refused when it is not UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from('{"item_id":"'), Uint8Array.of(0xff, 0xfe), Buffer.from('"}')]);
    expect(() => parseQuery("lines", bytes, undefined)).toThrow(refusal("body_malformed"));
  });
});
