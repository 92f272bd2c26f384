import { describe, expect, it } from "vitest";
import { toBacklog, toOverloaded, toRetryAfterSeconds } from "../../../src/serving/backlog.js";
import type { Load } from "../../../src/serving/batcher.js";

const load = (changes: Partial<Load>): Load => ({ waiting: 0, running: 0, lanes: 1, itemMs: 10, ...changes });

describe("the backlog", () => {
  it("is nothing when nothing is there, beside a newcomer's own time", () => {
    expect(toBacklog([load({ itemMs: 10 }), load({ itemMs: 30 })])).toEqual({ waitMs: 0, serviceMs: 40 });
  });

  it("is the items ahead by the lanes, times the mean service time", () => {
    expect(toBacklog([load({ waiting: 8, running: 2, lanes: 2, itemMs: 30 })])).toMatchObject({ waitMs: 150 });
  });

  it("is that of the slowest stage, which earlier items reach as well", () => {
    const decode = load({ waiting: 4, lanes: 1, itemMs: 10 });
    expect(toBacklog([decode, load({ waiting: 2, lanes: 2, itemMs: 30 })])).toMatchObject({ waitMs: 90 });
    expect(toBacklog([decode, load({ waiting: 2, lanes: 2, itemMs: 1 })])).toMatchObject({ waitMs: 40 });
  });

  it("guesses before anything was measured", () => {
    expect(toBacklog([load({ running: 1, itemMs: null })]).waitMs).toBeGreaterThan(0);
  });

  it.each([
    [0, 1],
    [1000, 1],
    [1001, 2],
    [59_999, 60],
  ])("of %d ms is worth coming again after %d s", (waitMs, seconds) => {
    expect(toRetryAfterSeconds({ waitMs, serviceMs: 5 })).toBe(seconds);
    expect(toOverloaded({ limit: 3 }, { waitMs, serviceMs: 5 })).toMatchObject({
      code: "overloaded",
      details: { limit: 3, retry_after_seconds: seconds },
    });
  });
});
