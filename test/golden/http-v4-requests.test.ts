import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { collectImage } from "../../src/adapters/image-fetcher-bytes.js";
import { ServiceError } from "../../src/domain/errors.js";
import { toBodyForm } from "../../src/http/body-form.js";
import { parseQuery } from "../../src/http/parse-query.js";
import { aFetcher } from "../support/a-fetcher.js";

type BodySketch = Partial<
  Readonly<{ json: unknown; text: string; bytes_of_json: unknown; png_base64: string; bytes_text: string }>
>;
type V4Outcome = Readonly<{ ok: true; n_recommendations: unknown }> | Readonly<{ ok: false; message: string }>;
type Row = readonly [contentType: string | null, body: BodySketch, v4: V4Outcome];

/** What V4's own request parsing made of each request; see "about" in the file. */
const rows: readonly Row[] = JSON.parse(readFileSync(new URL("./data/input_fn.json", import.meta.url), "utf8")).rows;

const png = Buffer.from(rows.find(([, body]) => body.png_base64 !== undefined)![1].png_base64!, "base64");

/** V4's default, which we leave to the rules of the artifact. */
const v4UsualCount = 5;

function toBytes({ json, text, bytes_of_json, png_base64, bytes_text }: BodySketch): Buffer {
  if (png_base64 !== undefined) return Buffer.from(png_base64, "base64");
  const words = text ?? bytes_text;
  return Buffer.from(words ?? JSON.stringify(bytes_of_json === undefined ? json : bytes_of_json));
}

/** What V4's own bucket held when it was asked; see "about" in the file. */
const bucket: ReadonlyMap<string, Buffer> = new Map([
  ["key.png", png],
  ["a/b/key.png", png],
  ["text.png", Buffer.from("not an image")],
]);

const fetchImage = aFetcher({
  folders: "bucket",
  readS3Object: async ({ key }, limits) => {
    const object = bucket.get(key);
    if (object === undefined) throw new ServiceError("reference_not_found", { status: 404 });
    return collectImage(Readable.from([object]), { ...limits, declaredBytes: object.length });
  },
});

/** `picture` and the count, a code, or `other bytes` where the decoder has to judge them. */
async function outcomeOf([contentType, body]: Row): Promise<string> {
  try {
    const query = parseQuery(toBodyForm(contentType ?? undefined), toBytes(body), undefined);
    const { source } = query;
    if (source.kind !== "image" && source.kind !== "reference") return "no picture";
    const bytes = source.kind === "image" ? source.bytes : await fetchImage(source.reference);
    if (!Buffer.from(bytes).equals(png)) return "other bytes";
    return `picture, count ${query.topK ?? v4UsualCount}`;
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

function v4OutcomeOf([, , v4]: Row): string {
  return v4.ok ? `picture, count ${v4.n_recommendations ?? v4UsualCount}` : "error";
}

/** Every request that we treat otherwise than V4, by its own words: ours, and why. */
const differences: Readonly<Record<string, Readonly<{ ours: string; why: string }>>> = {
  'application/json {"image":PNG,"n_recommendations":"many"}': { ours: "option_invalid", why: "counts are checked" },
  'application/json {"image":PNG,"n_recommendations":-4}': { ours: "option_invalid", why: "counts are checked" },
  'application/json {"image":PNG,"top_k":0}': { ours: "option_invalid", why: "counts are checked" },
  'application/json {"image":"data:image/png;base64,PNG"}': { ours: "picture, count 5", why: "data URLs are accepted" },
  'application/json {"image":URL_SAFE}': { ours: "picture, count 5", why: "the URL-safe alphabet is accepted" },
  'application/json; charset=utf-8 {"image":PNG}': { ours: "picture, count 5", why: "parameters do not matter" },
  'APPLICATION/JSON {"image":PNG}': { ours: "picture, count 5", why: "case does not matter" },
  'application/x-image {"image":PNG}': { ours: "other bytes", why: "the type is accepted, this body is no picture" },
  'application/octet-stream {"image":PNG}': {
    ours: "other bytes",
    why: "the type is accepted, this body is no picture",
  },
  "IMAGE/PNG BYTES": { ours: "picture, count 5", why: "case does not matter" },
};

/** The request in short words. */
function nameOf([contentType, body]: Row): string {
  const base64 = png.toString("base64");
  const value = "json" in body ? body.json : (body.bytes_of_json ?? body.text ?? body.bytes_text ?? "BYTES");
  const words = JSON.stringify(value);
  const short = words
    .replaceAll(`"${base64}"`, "PNG")
    .replaceAll(base64, "PNG")
    .replaceAll(`"${base64.replaceAll("/", "_").replaceAll("+", "-")}"`, "URL_SAFE");
  return `${contentType} ${body.png_base64 === undefined ? short : "BYTES"}`;
}

describe("a request that V4 was asked", () => {
  it.each(rows.map((row) => [nameOf(row), row] as const))("%s", async (name, row) => {
    const ours = await outcomeOf(row);
    const difference = differences[name];
    if (difference !== undefined) return void expect(ours).toBe(difference.ours);
    if (row[2].ok) expect(ours).toBe(v4OutcomeOf(row));
    else expect(ours).toMatch(/^(other bytes|(body|image|option|media_type|reference)_\w+)$/);
  });

  it("is on the list of differences only if there is one", () => {
    const byName = new Map(rows.map((row) => [nameOf(row), row]));
    for (const [name, { ours }] of Object.entries(differences)) {
      expect(byName.has(name), name).toBe(true);
      expect(v4OutcomeOf(byName.get(name)!), name).not.toBe(ours);
    }
  });
});
