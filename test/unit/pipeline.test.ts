import { describe, expect, it } from "vitest";
import { createLruStore } from "../../src/adapters/lru-store.js";
import { toItemId } from "../../src/domain/candidate.js";
import { ServiceError } from "../../src/domain/errors.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { createPipeline, type DecodeWants, type ImageFeatures, type Recommendation } from "../../src/pipeline.js";
import { createFeatureCache, type Entry } from "../../src/serving/feature-cache.js";
import { aQuery, aShelf, pipelineParts, type ShelfItem } from "../support/pipeline-builders.js";

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
    expect([...answer.embedding]).toEqual([1, 0]);
    expect(answer.ranking?.queryCategory).toBe("upperwear_shirt");
    expect(idsOf(answer)).toEqual(["jeans", "bag"]);
    expect(answer).toMatchObject({ searchedRows: 6, totalCandidates: 6, gender: { value: "unknown", confidence: 0 } });
    expect(answer.times).toEqual({ fetchMs: null, decodeMs: 1, encodeMs: 1, searchMs: 1, rankMs: 1, totalMs: 6 });
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
      decodeImage: (bytes, wants, ...caller) => {
        asked.push(wants.meanColor);
        return parts.decodeImage(bytes, wants, ...caller);
      },
    });
    await recommend(aQuery(), never);
    await recommend(aQuery({ profile: "v4" }), never);
    expect(asked).toEqual([false, true]);
  });

  it("cuts the count to the rules' maximum and no further", async () => {
    const shelf = aShelf(items, { ...standardRules, maxTotal: 1 });
    const recommend = createPipeline(pipelineParts(items, { shelf }));
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
      estimate: (query: Float32Array) => {
        seen.push([...query]);
        return parts.index.estimate(query as never);
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

  it("takes its picture out of the parts that queue, with its reason", async () => {
    const left: unknown[] = [];
    const parts = pipelineParts(items);
    const stuckUntilLeft = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          left.push(signal.reason);
          reject(signal.reason);
        });
      });
    const decodeImage = (_bytes: Uint8Array, _wants: DecodeWants, signal: AbortSignal) => stuckUntilLeft(signal);
    const encode = (_input: unknown, signal: AbortSignal) => stuckUntilLeft(signal);
    for (const part of [{ decodeImage }, { encode }]) {
      const caller = new AbortController();
      const answer = createPipeline({ ...parts, ...part })(aQuery(), caller.signal);
      await turns();
      caller.abort("gone");
      await expect(answer).rejects.toBe("gone");
    }
    expect(left).toEqual(["gone", "gone"]);
  });
});

describe("features that are known", () => {
  const kept = () => {
    const store = createLruStore<Entry<ImageFeatures>>({ entries: 10, bytes: 1e6, now: () => 1 });
    const features = createFeatureCache({ store, ttlMs: 1000, bytesOf: () => 1 });
    const seen: number[] = [];
    const parts = pipelineParts(items, { features });
    const decodeImage: typeof parts.decodeImage = (bytes, ...rest) => {
      seen.push(bytes[0]!);
      return parts.decodeImage(bytes, ...rest);
    };
    return { recommend: createPipeline({ ...parts, decodeImage }), seen };
  };
  const ofPicture = (byte: number, changes: Parameters<typeof aQuery>[0] = {}) =>
    aQuery({ source: { kind: "image", bytes: Uint8Array.of(byte) }, ...changes });

  it("are not found out again, and the answer says so", async () => {
    const { recommend, seen } = kept();
    const first = await recommend(ofPicture(1), never);
    const second = await recommend(ofPicture(1), never, "batch");
    expect([first.cache, second.cache]).toEqual(["miss", "hit"]);
    expect([first.times.decodeMs, second.times.decodeMs, second.times.encodeMs]).toEqual([1, null, null]);
    expect(idsOf(second)).toEqual(idsOf(first));
    expect(seen).toEqual([1]);
  });

  it("of one picture say nothing of another of equal size, nor of V4's color", async () => {
    const { recommend, seen } = kept();
    await recommend(ofPicture(1), never);
    expect((await recommend(ofPicture(2), never)).cache).toBe("miss");
    const old = await recommend(ofPicture(1, { profile: "v4" }), never);
    expect([old.cache, old.color?.rgb]).toEqual(["miss", [30, 40, 200]]);
    expect(seen).toEqual([1, 2, 1]);
  });

  it("are found out once for all who ask meanwhile", async () => {
    const { recommend, seen } = kept();
    const answers = await Promise.all(Array.from({ length: 100 }, () => recommend(ofPicture(1), never)));
    expect(answers.map(({ cache }) => cache)).toEqual(["miss", ...Array.from({ length: 99 }, () => "joined")]);
    expect(seen).toEqual([1]);
  });

  it("are not asked for where nothing has to be seen", async () => {
    const { recommend } = kept();
    expect((await recommend(aQuery({ source: { kind: "item", id: "shirt" } }), never)).cache).toBeNull();
  });
});

describe("a picture's pixels", () => {
  it("are admitted before it is decoded and given back after, also when it cannot be", async () => {
    const events: string[] = [];
    const parts = pipelineParts(items);
    const admitPixels: typeof parts.admitPixels = async (_bytes, _signal, urgency) => {
      events.push(`admitted ${urgency}`);
      return () => void events.push("given back");
    };
    const decodeImage: typeof parts.decodeImage = async (...call) => {
      events.push("decoded");
      return parts.decodeImage(...call);
    };
    await createPipeline({ ...parts, admitPixels, decodeImage })(aQuery(), never, "batch");
    expect(events.splice(0)).toEqual(["admitted batch", "decoded", "given back"]);
    const broken = async () => Promise.reject(new ServiceError("image_undecodable"));
    const answer = createPipeline({ ...parts, admitPixels, decodeImage: broken })(aQuery(), never);
    await expect(answer).rejects.toMatchObject({ code: "image_undecodable" });
    expect(events).toEqual(["admitted interactive", "given back"]);
  });

  it("that are not admitted are not decoded", async () => {
    const parts = pipelineParts(items);
    const admitPixels = async () => Promise.reject(new ServiceError("overloaded", { limit_pixels: 1 }));
    const decodeImage = () => expect.fail("decoded");
    const answer = createPipeline({ ...parts, admitPixels, decodeImage })(aQuery(), never);
    await expect(answer).rejects.toMatchObject({ code: "overloaded" });
  });
});

/** Lets everything that can go on go on. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe("a recommendation for a picture elsewhere", () => {
  const reference = { kind: "s3", bucket: "photos", key: "a.jpg" } as const;
  const query = aQuery({ source: { kind: "reference", reference } });

  it("is the one for its bytes, once they are here, and tells what fetching took", async () => {
    const decoded: Uint8Array[] = [];
    const held: string[] = [];
    const parts = pipelineParts(items);
    const recommend = createPipeline({
      ...parts,
      fetchImage: async (asked, _signal, urgency) => {
        held.push(`${JSON.stringify(asked)} for ${urgency}`);
        return { bytes: Uint8Array.of(7, 8), letGo: () => held.push("let go") };
      },
      decodeImage: (bytes, ...rest) => {
        decoded.push(bytes);
        expect(held).not.toContain("let go");
        return parts.decodeImage(bytes, ...rest);
      },
    });
    const answer = await recommend(query, never, "batch");
    expect(decoded).toEqual([Uint8Array.of(7, 8)]);
    expect(held).toEqual([`${JSON.stringify(reference)} for batch`, "let go"]);
    expect(answer.times.fetchMs).toBe(1);
    const sent = aQuery({ source: { kind: "image", bytes: Uint8Array.of(7, 8) } });
    const { ranking } = await createPipeline(parts)(sent, never);
    expect(answer.ranking).toEqual(ranking);
  });

  it("lets the bytes go when they are no picture, and when the caller leaves", async () => {
    const held = new Set<Uint8Array>();
    const fetchImage = async () => {
      const bytes = Uint8Array.of(1);
      held.add(bytes);
      return { bytes, letGo: () => void held.delete(bytes) };
    };
    const failure = new ServiceError("image_undecodable");
    const failing = createPipeline(pipelineParts(items, { fetchImage, decodeImage: () => Promise.reject(failure) }));
    await expect(failing(query, never)).rejects.toBe(failure);
    const controller = new AbortController();
    const stuck = createPipeline(
      pipelineParts(items, {
        fetchImage,
        decodeImage: () => {
          controller.abort(new Error("left"));
          return new Promise(() => {});
        },
      }),
    );
    await expect(stuck(query, controller.signal)).rejects.toThrow("left");
    expect(held.size).toBe(0);
  });

  it("fails as the fetching fails, before anything else is done", async () => {
    const failure = new ServiceError("reference_not_found");
    const recommend = createPipeline(
      pipelineParts(items, {
        fetchImage: () => Promise.reject(failure),
        decodeImage: () => Promise.reject(new Error("nothing to decode")),
      }),
    );
    await expect(recommend(query, never)).rejects.toBe(failure);
  });
});
