import { describe, expect, it } from "vitest";
import { createLruStore } from "../../../src/adapters/lru-store.js";
import { type ErrorCode, ServiceError } from "../../../src/domain/errors.js";
import type { Urgency } from "../../../src/serving/batcher.js";
import {
  type CacheOutcome,
  createFeatureCache,
  type Entry,
  type FeatureKey,
} from "../../../src/serving/feature-cache.js";

const never = new AbortController().signal;
const keyOf = (text: string) => text as FeatureKey;

type Computation = Readonly<{ signal: AbortSignal; give: (features: string) => void; fail: (error: unknown) => void }>;

/** A cache of words, on a clock that the test winds, whose computations end when the test says so. */
function aCache({ entries = 100, bytes = 1_000_000, ttlMs = 60_000 } = {}) {
  const clock = { time: 1 };
  const store = createLruStore<Entry<string>>({ entries, bytes, now: () => clock.time });
  const outcomes: CacheOutcome[] = [];
  const report = (outcome: CacheOutcome) => void outcomes.push(outcome);
  const cache = createFeatureCache<string>({ store, ttlMs, bytesOf: (word) => word.length, report });
  const computations: Computation[] = [];
  const get = (key: string, signal = never, urgency: Urgency = "interactive") =>
    cache.get({
      ...{ key: keyOf(key), signal, urgency },
      compute: (shared) =>
        new Promise((give, fail) => void computations.push({ signal: shared, give, fail })) as Promise<string>,
    });
  return { get, computations, outcomes, clock, store };
}

describe("features", () => {
  it("are found out once and kept", async () => {
    const { get, computations, outcomes } = aCache();
    const first = get("a");
    computations[0]!.give("red");
    expect(await first).toEqual({ features: "red", outcome: "miss" });
    expect(await get("a")).toEqual({ features: "red", outcome: "hit" });
    expect(computations).toHaveLength(1);
    expect(outcomes).toEqual(["miss", "hit"]);
  });

  it("of one key are found out once for a hundred callers at once", async () => {
    const { get, computations, outcomes } = aCache();
    const answers = Array.from({ length: 100 }, () => get("a"));
    expect(computations).toHaveLength(1);
    computations[0]!.give("red");
    expect((await Promise.all(answers)).every(({ features }) => features === "red")).toBe(true);
    expect(outcomes.filter((outcome) => outcome === "joined")).toHaveLength(99);
  });

  it("of two keys are never mixed", async () => {
    const { get, computations } = aCache();
    const answers = [get("a"), get("b")];
    computations[1]!.give("blue");
    computations[0]!.give("red");
    expect((await Promise.all(answers)).map(({ features }) => features)).toEqual(["red", "blue"]);
    expect((await get("b")).features).toBe("blue");
  });

  it("are forgotten after their time", async () => {
    const { get, computations, clock } = aCache({ ttlMs: 1000 });
    const first = get("a");
    computations[0]!.give("red");
    await first;
    clock.time += 999;
    expect((await get("a")).outcome).toBe("hit");
    clock.time += 2;
    const again = get("a");
    computations[1]!.give("red");
    expect((await again).outcome).toBe("miss");
  });

  it("make room by their bytes, the longest unused first", async () => {
    const { get, computations, store } = aCache({ bytes: 2500 });
    const ask = async (key: string) => {
      const before = computations.length;
      const answer = get(key);
      if (computations.length > before) computations.at(-1)!.give("x".repeat(100));
      return (await answer).outcome;
    };
    expect([await ask("a"), await ask("b"), await ask("a"), await ask("c")]).toEqual(["miss", "miss", "hit", "miss"]);
    expect([store.entries(), store.bytes()]).toEqual([2, 2200]);
    expect([await ask("a"), await ask("b")]).toEqual(["hit", "miss"]);
  });

  it("are not kept at all with room for none, but still shared", async () => {
    const { get, computations } = aCache({ entries: 0 });
    const answers = [get("a"), get("a")];
    computations[0]!.give("red");
    expect((await Promise.all(answers)).map(({ outcome }) => outcome)).toEqual(["miss", "joined"]);
    void get("a");
    expect(computations).toHaveLength(2);
  });

  it("for a job and for a person are found out apart, and kept for both", async () => {
    const { get, computations } = aCache();
    const answers = [get("a", never, "batch"), get("a", never, "interactive")];
    expect(computations).toHaveLength(2);
    computations[1]!.give("red");
    expect((await answers[1]!).outcome).toBe("miss");
    expect((await get("a", never, "batch")).outcome).toBe("hit");
    computations[0]!.give("red");
    await answers[0];
  });
});

describe("a failure", () => {
  const fail = async (code: ErrorCode) => {
    const parts = aCache();
    const first = parts.get("a");
    const second = parts.get("a");
    parts.computations[0]!.fail(new ServiceError(code, { format: "png" }));
    await expect(first).rejects.toMatchObject({ code });
    await expect(second).rejects.toMatchObject({ code, details: { format: "png" } });
    return parts;
  };

  it.each(["image_undecodable", "image_too_many_pixels"] as const)("of kind %s is kept for a while", async (code) => {
    const { get, computations, clock } = await fail(code);
    await expect(get("a")).rejects.toMatchObject({ code, details: { format: "png" } });
    expect(computations).toHaveLength(1);
    clock.time += 10_001;
    void get("a");
    expect(computations).toHaveLength(2);
  });

  it.each(["encoder_failed", "overloaded", "not_ready", "internal"] as const)("of kind %s is not", async (code) => {
    const { get, computations } = await fail(code);
    void get("a");
    expect(computations).toHaveLength(2);
  });

  it("of a computation that throws at once leaves nothing behind", async () => {
    const store = createLruStore<Entry<string>>({ entries: 1, bytes: 1e6, now: () => 1 });
    const cache = createFeatureCache<string>({ store, ttlMs: 1, bytesOf: () => 1 });
    const request = { key: keyOf("a"), urgency: "interactive", signal: never } as const;
    const broken = () => {
      throw new TypeError("at once");
    };
    await expect(cache.get({ ...request, compute: broken })).rejects.toThrow("at once");
    expect(await cache.get({ ...request, compute: async () => "red" })).toMatchObject({ outcome: "miss" });
  });
});

describe("a caller who leaves", () => {
  it("ends the computation when nobody else waits for it, and the next one begins anew", async () => {
    const { get, computations } = aCache();
    const caller = new AbortController();
    const left = get("a", caller.signal);
    caller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    expect(computations[0]!.signal.reason).toEqual(new Error("gone"));
    const next = get("a");
    computations[0]!.fail(new Error("gone"));
    computations[1]!.give("red");
    expect(await next).toEqual({ features: "red", outcome: "miss" });
  });

  it("leaves it to the others", async () => {
    const { get, computations } = aCache();
    const [first, last] = [new AbortController(), new AbortController()];
    const answers = [get("a", first.signal), get("a"), get("a", last.signal)];
    first.abort(new Error("gone"));
    await expect(answers[0]).rejects.toThrow("gone");
    last.abort(new Error("gone too"));
    await expect(answers[2]).rejects.toThrow("gone too");
    expect(computations[0]!.signal.aborted).toBe(false);
    computations[0]!.give("red");
    expect(await answers[1]).toEqual({ features: "red", outcome: "joined" });
  });

  it("before asking is not counted", async () => {
    const { get, computations, outcomes } = aCache();
    await expect(get("a", AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect([computations.length, outcomes.length]).toEqual([0, 0]);
  });

  it("after the answer ends nothing", async () => {
    const { get, computations } = aCache();
    const caller = new AbortController();
    const answer = get("a", caller.signal);
    computations[0]!.give("red");
    await answer;
    caller.abort();
    expect(computations[0]!.signal.aborted).toBe(false);
    expect((await get("a")).outcome).toBe("hit");
  });
});
