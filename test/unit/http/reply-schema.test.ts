import { describe, expect, it } from "vitest";
import type { z } from "zod";
import type { Query } from "../../../src/domain/query.js";
import { replySchema } from "../../../src/http/reply-schema.js";
import { toReply } from "../../../src/http/to-reply.js";
import { createPipeline, type ServedFacts } from "../../../src/pipeline.js";
import { anEncoderState, aQuery, pipelineParts, type ShelfItem } from "../../support/pipeline-builders.js";

/** Which fields a value has, at any depth, whatever is in them. */
type Fields<Value> = Value extends readonly (infer Entry)[]
  ? readonly Fields<Entry>[]
  : Value extends object
    ? { [Key in keyof Value]-?: Fields<Value[Key]> }
    : "value";
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;

/** The compiler's own test: this does not compile where one has a field that the other lacks. */
const hasSameFields: Same<Fields<z.input<typeof replySchema>>, Fields<ReturnType<typeof toReply>>> = true;

const items: readonly ShelfItem[] = [
  { id: "shirt", category: "upperwear_shirt", similarity: 0.9 },
  {
    id: "pants",
    category: "bottomwear_pants",
    similarity: 0.4,
    title: "Pants",
    price: "10 EUR",
    url: "https://shop/p",
  },
  { id: "bag", category: "accessories_bag", similarity: 0.3, rgb: [30, 200, 190], imageUrl: "https://shop/b.jpg" },
];

async function replyTo(query: Partial<Query> = {}, shelf = items): Promise<unknown> {
  const parts = pipelineParts(shelf);
  const facts: ServedFacts = {
    catalogDigest: "d".repeat(64),
    items: shelf.length,
    dimension: 2,
    rules: parts.shelf.rules,
    encoder: "tiny",
    encoderState: () => anEncoderState(),
    preprocess: "clip-exact-224",
    index: "exact",
  };
  const recommendation = await createPipeline(parts)(aQuery(query), new AbortController().signal);
  return JSON.parse(JSON.stringify(toReply(recommendation, { facts, items: parts.shelf.items })));
}

describe("the reply's schema", () => {
  it("has the fields of the replies, no more and no fewer", () => {
    expect(hasSameFields).toBe(true);
  });

  it.each<Partial<Query>>([
    {},
    { explain: true },
    { profile: "v4", explain: true },
    { mode: "similar" },
    { mode: "similar", profile: "v4" },
    { category: "upperwear_shirt" },
    { gender: "female", topK: 1 },
    { excludeIds: ["pants", "bag", "shirt"] },
    { source: { kind: "item", id: "shirt" } },
    { source: { kind: "embedding", embedding: Float32Array.of(1, 0), color: null }, mode: "similar" },
  ])("takes the reply to %o", async (query) => {
    expect(replySchema.safeParse(await replyTo(query)).error).toBeUndefined();
  });

  it("takes a fallback", async () => {
    const reply = await replyTo({}, [items[0]!]);
    expect(reply).toMatchObject({ fallback: true });
    expect(replySchema.safeParse(reply).error).toBeUndefined();
  });

  it.each([
    ["a field that nobody has described", { surprise: 1 }],
    ["a reason that there is not", { fallback_reason: "no_reason" }],
    ["a count below nothing", { total_candidates: -1 }],
  ])("refuses %s", async (_name, change) => {
    const reply = await replyTo();
    expect(replySchema.safeParse({ ...(reply as object), ...change }).success).toBe(false);
  });
});
