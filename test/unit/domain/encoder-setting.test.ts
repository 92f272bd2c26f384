import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  candidateSettings,
  chooseSetting,
  type Room,
  type SettingWishes,
} from "../../../src/domain/encoder-setting.js";

const roomy = { modelBytes: 1e8, freeBytes: 1e12 };

function candidates(wishes: Partial<SettingWishes>, room: Partial<Room> & Pick<Room, "cores">): readonly string[] {
  return candidateSettings(
    { workers: "auto", threads: "auto", goal: "throughput", ...wishes },
    { ...roomy, ...room },
  ).map(({ workers, threads }) => `${workers}x${threads}`);
}

describe("the settings worth trying", () => {
  it("begin with a single-thread session a core for throughput", () => {
    expect(candidates({}, { cores: 2 })).toEqual(["2x1", "1x2"]);
    expect(candidates({}, { cores: 8 })).toEqual(["8x1", "2x4", "1x8"]);
  });

  it("begin with one session of all threads for latency", () => {
    expect(candidates({ goal: "latency" }, { cores: 2 })).toEqual(["1x2", "2x1"]);
    expect(candidates({ goal: "latency" }, { cores: 6 })).toEqual(["1x6", "2x3", "6x1"]);
  });

  it("are one where there is nothing to choose", () => {
    expect(candidates({}, { cores: 1 })).toEqual(["1x1"]);
    expect(candidates({ workers: 3, threads: 5 }, { cores: 2 })).toEqual(["3x5"]);
    expect(candidates({ workers: 2 }, { cores: 2 })).toEqual(["2x1"]);
    expect(candidates({ threads: 2 }, { cores: 8 })).toEqual(["4x2"]);
  });

  it("keep what was asked for by number", () => {
    expect(candidates({ workers: 1 }, { cores: 8 })).toEqual(["1x8", "1x1"]);
    expect(candidates({ workers: 3, goal: "latency" }, { cores: 8 })).toEqual(["3x2", "3x1"]);
    expect(candidates({ workers: 9 }, { cores: 8 })).toEqual(["9x1"]);
    expect(candidates({ threads: 9 }, { cores: 8 })).toEqual(["1x9"]);
  });

  it("fit into the memory, with the threads that are left over", () => {
    const tight = { cores: 16, modelBytes: 4e8, freeBytes: 8e9 };
    expect(candidates({}, tight)).toEqual(["4x4", "2x8", "1x16"]);
    expect(candidates({}, { ...tight, freeBytes: 1e9 })).toEqual(["1x16"]);
    expect(candidates({ threads: 1 }, tight)).toEqual(["4x1"]);
    expect(candidates({ workers: 8, threads: 1 }, tight)).toEqual(["8x1"]);
  });

  it("never ask for more than the cores by themselves, nor for nothing, nor twice for the same", () => {
    const wishes = fc.record({
      workers: fc.oneof(fc.constant("auto" as const), fc.integer({ min: 1, max: 512 })),
      threads: fc.oneof(fc.constant("auto" as const), fc.integer({ min: 1, max: 512 })),
      goal: fc.constantFrom("latency" as const, "throughput" as const),
    });
    const room = fc.record({
      cores: fc.integer({ min: 1, max: 256 }),
      modelBytes: fc.integer({ min: 1, max: 2 ** 31 }),
      freeBytes: fc.integer({ min: 0, max: 2 ** 40 }),
    });
    fc.assert(
      fc.property(wishes, room, (wish, given) => {
        const found = candidateSettings(wish, given);
        expect(new Set(found.map((each) => JSON.stringify(each))).size).toBe(found.length);
        for (const { workers, threads } of found) {
          expect(workers >= 1 && threads >= 1 && Number.isInteger(workers) && Number.isInteger(threads)).toBe(true);
          if (wish.workers === "auto" && wish.threads === "auto")
            expect(workers * threads).toBeLessThanOrEqual(given.cores);
          if (wish.workers !== "auto") expect(workers).toBe(wish.workers);
          if (wish.threads !== "auto") expect(threads).toBe(wish.threads);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("the choice", () => {
  const measured = (workers: number, millisecondsEach: number, imagesPerSecond: number) => ({
    ...{ workers, threads: 1 },
    ...{ millisecondsEach, imagesPerSecond },
  });

  it("is the fastest alone for latency, the most a second for throughput", () => {
    const both = [measured(2, 33, 56), measured(1, 24, 45)];
    expect(chooseSetting(both, "throughput").workers).toBe(2);
    expect(chooseSetting(both, "latency").workers).toBe(1);
  });

  it("stays with the earlier one where the difference may be chance", () => {
    expect(chooseSetting([measured(2, 30, 50), measured(1, 29, 52)], "latency").workers).toBe(2);
    expect(chooseSetting([measured(2, 30, 50), measured(1, 29, 52)], "throughput").workers).toBe(2);
    expect(chooseSetting([measured(2, 30, 50), measured(1, 29, 53)], "throughput").workers).toBe(1);
  });

  it("is what there is when only one was measured, and a bug when none was", () => {
    expect(chooseSetting([measured(4, 1, 1)], "latency").workers).toBe(4);
    expect(() => chooseSetting([], "latency")).toThrow(RangeError);
  });
});
