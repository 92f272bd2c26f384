import { describe, expect, it } from "vitest";
import { toItemId } from "../../src/domain/candidate.js";
import { ServiceError } from "../../src/domain/errors.js";
import { createPipeline, type Recommendation } from "../../src/pipeline.js";
import { aQuery, pipelineParts, type ShelfItem } from "../support/pipeline-builders.js";

const never = new AbortController().signal;

const items: readonly ShelfItem[] = [
  { id: "shirt", category: "upperwear_shirt", similarity: 0.9, rgb: [200, 30, 40], meanColor: [200, 30, 40] },
  { id: "blouse", category: "upperwear_shirt", similarity: 0.8, gender: "female" },
  { id: "dress", category: "one-piece_dress", similarity: 0.5 },
  { id: "pants", category: "bottomwear_pants", similarity: 0.4, rgb: [200, 30, 40], meanColor: [30, 40, 200] },
  { id: "jeans", category: "bottomwear_pants", similarity: 0.4, rgb: [200, 30, 40], meanColor: [30, 40, 200] },
  { id: "bag", category: "accessories_bag", similarity: 0.3 },
];

function idsOf({ ranking, similar }: Recommendation): readonly string[] {
  return (ranking?.suggestions ?? similar).map(({ candidate }) => toItemId(candidate));
}

describe("a recommendation for a picture", () => {
  it("goes through decode, encode, search and rank, and times each", async () => {
    const answer = await createPipeline(pipelineParts(items))(aQuery(), never);
    expect(answer.color?.rgb).toEqual([200, 30, 40]);
    expect(answer.ranking?.queryCategory).toBe("upperwear_shirt");
    expect(idsOf(answer)).toEqual(["jeans", "bag"]);
    expect(answer).toMatchObject({ searchedRows: 6, totalCandidates: 6, gender: { value: "unknown", confidence: 0 } });
    expect(answer.times).toEqual({ decodeMs: 1, encodeMs: 1, searchMs: 1, rankMs: 1, totalMs: 6 });
  });

  it("goes by the mean color, unisex and the higher row in v4", async () => {
    const answer = await createPipeline(pipelineParts(items))(aQuery({ profile: "v4" }), never);
    expect(answer.color?.rgb).toEqual([30, 40, 200]);
    expect(answer.gender).toEqual({ value: "unisex", confidence: 0 });
    // Jeans and pants are alike in everything; V4's index gave the higher row first.
    expect(idsOf(answer)).toEqual(["jeans", "bag"]);
    expect(answer.ranking?.suggestions[0]?.harmony.score).toBe(0.9);
  });

  it("asks the decoder for V4's color only where V4 ranks", async () => {
    const asked: boolean[] = [];
    const parts = pipelineParts(items);
    const recommend = createPipeline({
      ...parts,
      decodeImage: (bytes, wants) => {
        asked.push(wants.meanColor);
        return parts.decodeImage(bytes, wants);
      },
    });
    await recommend(aQuery(), never);
    await recommend(aQuery({ profile: "v4" }), never);
    expect(asked).toEqual([false, true]);
  });

  it("cuts the count to the rules' maximum and no further", async () => {
    const rules = { ...pipelineParts(items).rules, maxTotal: 1 };
    const recommend = createPipeline(pipelineParts(items, { rules }));
    expect(idsOf(await recommend(aQuery({ topK: 100 }), never))).toEqual(["jeans"]);
    expect(idsOf(await createPipeline(pipelineParts(items))(aQuery({ topK: 1 }), never))).toEqual(["jeans"]);
  });

  it.each(["v4", "v5"] as const)("suggests no excluded item in %s", async (profile) => {
    const answer = await createPipeline(pipelineParts(items))(
      aQuery({ profile, excludeIds: ["jeans", "nothing"] }),
      never,
    );
    expect(idsOf(answer)).toEqual(["pants", "bag"]);
    expect(answer.totalCandidates).toBe(5);
  });

  it("answers from a catalog smaller than its vote", async () => {
    const answer = await createPipeline(pipelineParts(items.slice(3, 4)))(aQuery({ category: "hat" }), never);
    expect(idsOf(answer)).toEqual(["pants"]);
  });
});

describe("a recommendation without a picture", () => {
  it("takes an item's own vector and color, and leaves the item itself out", async () => {
    const seen: number[][] = [];
    const parts = pipelineParts(items);
    const index = {
      ...parts.index,
      similarities: (query: Float32Array) => {
        seen.push([...query]);
        return parts.index.similarities(query as never);
      },
    };
    const answer = await createPipeline({ ...parts, index })(aQuery({ source: { kind: "item", id: "shirt" } }), never);
    expect(seen).toEqual([[1, 0]]);
    expect(answer).toMatchObject({ color: { rgb: [200, 30, 40] }, totalCandidates: 5 });
    expect(answer.ranking?.vote.voters.map(({ candidate }) => candidate.id)).not.toContain("shirt");
    expect(answer.times).toMatchObject({ decodeMs: null, encodeMs: null });
  });

  it("names an item it does not have", async () => {
    const recommend = createPipeline(pipelineParts(items));
    await expect(recommend(aQuery({ source: { kind: "item", id: "sock" } }), never)).rejects.toMatchObject({
      code: "item_unknown",
      details: { item_id: "sock" },
    });
  });

  it("takes an embedding of any length but not of any dimension", async () => {
    const recommend = createPipeline(pipelineParts(items));
    const toSource = (...values: number[]) =>
      ({ kind: "embedding", embedding: Float32Array.from(values), color: [1, 2, 3] }) as const;
    const answer = await recommend(aQuery({ source: toSource(3, 4) }), never);
    expect(answer.color?.rgb).toEqual([1, 2, 3]);
    expect(answer.palette).toHaveLength(1);
    await expect(recommend(aQuery({ source: toSource(1, 2, 3) }), never)).rejects.toMatchObject({
      code: "option_invalid",
      details: { option: "embedding" },
    });
  });

  it("needs a color for an outfit, and none for similar items", async () => {
    const recommend = createPipeline(pipelineParts(items));
    const source = { kind: "embedding", embedding: Float32Array.of(1, 0), color: null } as const;
    await expect(recommend(aQuery({ source }), never)).rejects.toMatchObject({ details: { option: "color_rgb" } });
    expect(idsOf(await recommend(aQuery({ source, mode: "similar", topK: 2 }), never))).toEqual(["shirt", "blouse"]);
  });
});

describe("similar items", () => {
  it("are the nearest of the wanted category, gender and not excluded, equal ones by id", async () => {
    const recommend = createPipeline(pipelineParts(items));
    const ask = (changes: Parameters<typeof aQuery>[0]) => recommend(aQuery({ mode: "similar", ...changes }), never);
    expect(idsOf(await ask({}))).toEqual(["shirt", "blouse", "dress", "jeans", "pants", "bag"]);
    expect(idsOf(await ask({ category: "bottomwear_pants" }))).toEqual(["jeans", "pants"]);
    expect(idsOf(await ask({ gender: "male", topK: 2 }))).toEqual(["shirt", "jeans"]);
    expect(idsOf(await ask({ excludeIds: ["shirt"], topK: 1 }))).toEqual(["blouse"]);
    expect(idsOf(await ask({ source: { kind: "item", id: "blouse" }, topK: 1 }))).toEqual(["shirt"]);
  });
});

describe("a caller who does not wait", () => {
  it("gets the signal's reason at once, whatever step is stuck", async () => {
    const stuck = new Promise<never>(() => {});
    const index = { ...pipelineParts(items).index, similarities: () => stuck };
    for (const part of [{ decodeImage: () => stuck }, { encode: () => stuck }, { index }]) {
      const caller = new AbortController();
      const answer = createPipeline(pipelineParts(items, part))(aQuery(), caller.signal);
      caller.abort(new ServiceError("deadline_exceeded"));
      await expect(answer).rejects.toMatchObject({ code: "deadline_exceeded" });
    }
  });

  it("hands the signal to the parts that queue", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const parts = pipelineParts(items);
    const caller = new AbortController();
    await createPipeline({
      ...parts,
      decodeImage: (bytes, wants, signal) => {
        signals.push(signal);
        return parts.decodeImage(bytes, wants);
      },
      encode: (input, signal) => {
        signals.push(signal);
        return parts.encode(input, signal);
      },
    })(aQuery(), caller.signal);
    expect(signals).toEqual([caller.signal, caller.signal]);
  });
});
