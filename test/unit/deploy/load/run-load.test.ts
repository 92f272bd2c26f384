import { describe, expect, it } from "vitest";
import { InvokeError } from "../../../../client/invoke-error.js";
import type { Arrivals } from "../../../../deploy/load/arrivals.js";
import { failureCount } from "../../../../deploy/load/recorder.js";
import { type LoadBounds, type LoadParts, runLoad } from "../../../../deploy/load/run-load.js";
import { toChecks } from "../../../../deploy/load/verdict.js";
import { createLanes, createVirtualTime } from "../../../support/virtual-time.js";

const usual: LoadBounds = { durationMs: 10_000, maxRequests: 1e6, maxInFlight: 1e6, drainMs: 5000 };

function constant(perSecond: number): Arrivals {
  return { kind: "open", fromPerSecond: perSecond, toPerSecond: perSecond, spacing: "constant" };
}

type Sketch = Readonly<{
  bounds?: Partial<LoadBounds>;
  ask?: (time: ReturnType<typeof createVirtualTime>) => LoadParts["ask"];
  signal?: AbortSignal;
}>;

/** A run against two lanes of 20 ms, unless somebody else answers. */
async function run(arrivals: Arrivals, { bounds = {}, ask, signal = new AbortController().signal }: Sketch = {}) {
  const time = createVirtualTime();
  const asking = ask?.(time) ?? createLanes(time.waiting, 2, 20);
  const work = runLoad(arrivals, { ...usual, ...bounds }, { ask: asking, waiting: time.waiting, signal });
  const result = await time.play(work);
  return { ...result, tally: result.recorder.tally, nowMs: time.waiting.now() };
}

function failing(code: "overloaded" | "internal"): LoadParts["ask"] {
  return async () => {
    throw new InvokeError({ code, message: "no", status: 500, isRetryable: false });
  };
}

describe("a load at a constant rate", () => {
  it("asks at its instants and counts each answer", async () => {
    const { tally, ended, tookMs } = await run(constant(50));
    expect({ sent: tally.sent, good: tally.good, ended }).toEqual({ sent: 500, good: 500, ended: "done" });
    expect(tally.latencies.at(0.99)).toBeCloseTo(20, 0);
    expect(tally.lateness.max()).toBeLessThan(0.01);
    expect(tookMs).toBeCloseTo(9980 + 20);
  });

  it("counts the wait from when a request was due, in a service that falls behind", async () => {
    // 120 a second onto 100: after ten seconds 200 too many, which take two seconds.
    const { tally } = await run(constant(120));
    expect(tally.good).toBe(1200);
    expect(tally.latencies.max()).toBeGreaterThan(1900);
    expect(tally.latencies.at(0.5)).toBeGreaterThan(900);
  });

  it("does not flatter a service that stands still for a second", async () => {
    const stalling: Sketch["ask"] = ({ waiting }) => {
      return async (signal) => {
        const now = waiting.now();
        await waiting.sleep(now >= 5000 && now < 6000 ? 6000 - now + 10 : 10, signal);
        return { stagesMs: {}, cache: null, precision: null };
      };
    };
    const { tally } = await run(constant(100), { ask: stalling });
    // A tenth of all requests fell into that second, half of them waited for more than half of it.
    expect(tally.latencies.at(0.95)).toBeGreaterThan(450);
    expect(tally.latencies.at(0.89)).toBeLessThan(20);
  });

  it("shows each window what was due in it", async () => {
    const { tally, recorder } = await run(constant(120));
    expect(recorder.windowMs).toBe(500);
    expect(tally.windows.map(({ sent }) => sent)).toEqual(Array.from({ length: 20 }, () => 60));
    const medians = tally.windows.map(({ latencies }) => latencies.at(0.5)!);
    expect(medians.every((ms, place) => place === 0 || ms > medians[place - 1]!)).toBe(true);
  });
});

describe("a rising load", () => {
  it("brings the average of its rates", async () => {
    const { tally } = await run({ kind: "open", fromPerSecond: 0, toPerSecond: 40, spacing: "constant" });
    expect(tally.sent).toBe(200);
    expect(tally.windows.at(-1)!.sent).toBeGreaterThan(5 * tally.windows[0]!.sent);
  });

  it("by chance brings about as many, and never the same twice in a row", async () => {
    const { tally } = await run({ kind: "open", fromPerSecond: 50, toPerSecond: 50, spacing: "poisson" });
    expect(Math.abs(tally.sent - 500)).toBeLessThan(3 * Math.sqrt(500));
    expect(new Set(tally.windows.map(({ sent }) => sent)).size).toBeGreaterThan(3);
  });
});

describe("callers who wait for their answers", () => {
  it("are as many at once as said", async () => {
    let [inside, most] = [0, 0];
    const counting: Sketch["ask"] = ({ waiting }) => {
      return async (signal) => {
        most = Math.max(most, ++inside);
        await waiting.sleep(100, signal);
        inside -= 1;
        return { stagesMs: {}, cache: null, precision: null };
      };
    };
    const { tally } = await run({ kind: "closed", callers: 7 }, { ask: counting });
    expect({ most, sent: tally.sent, good: tally.good }).toEqual({ most: 7, sent: 700, good: 700 });
  });

  it("get from two lanes what two lanes give", async () => {
    const { tally } = await run({ kind: "closed", callers: 10 });
    expect(tally.good).toBeGreaterThanOrEqual(1000);
    expect(tally.good).toBeLessThanOrEqual(1010);
    expect(tally.latencies.at(0.5)).toBeCloseTo(100, 0);
  });
});

describe("the bounds of a load", () => {
  it.each([constant(50), { kind: "closed", callers: 3 } as const])("hold of its requests: %j", async (arrivals) => {
    const { tally, ended } = await run(arrivals, { bounds: { maxRequests: 17 } });
    expect({ sent: tally.sent, good: tally.good, ended }).toEqual({ sent: 17, good: 17, ended: "requests" });
  });

  it("hold of those under way: what is due beyond is not sent, and counts", async () => {
    const { tally } = await run(constant(200), { bounds: { maxInFlight: 4 } });
    const notSent = tally.failures.get("not_sent")!;
    expect(tally.sent + notSent).toBe(2000);
    expect(notSent).toBeGreaterThan(900);
    expect(tally.latencies.max()).toBeLessThan(50);
  });

  it.each([constant(50), { kind: "closed", callers: 3 } as const])(
    "hold of the time, whatever does not answer: %j",
    async (arrivals) => {
      const silent: Sketch["ask"] =
        ({ waiting }) =>
        (signal) =>
          waiting.sleep(1e9, signal).then(() => expect.fail());
      const { tally, nowMs, ended } = await run(arrivals, { ask: silent });
      expect(nowMs).toBe(15_000);
      expect(tally.failures.get("unanswered")).toBe(tally.sent);
      expect(ended).toBe("done");
    },
  );
});

describe("a service that refuses", () => {
  it("is counted by its codes", async () => {
    let asked = 0;
    const { tally } = await run(constant(10), {
      ask: () => (signal) => failing(asked++ % 4 === 0 ? "internal" : "overloaded")(signal),
    });
    expect(Object.fromEntries(tally.failures)).toEqual({ internal: 25, overloaded: 75 });
    expect({ failed: failureCount(tally), p50: tally.latencies.at(0.5) }).toEqual({ failed: 100, p50: null });
  });

  it("holds to nothing, not even to no errors when there were no answers", async () => {
    const thresholds = { maxP99Ms: 300, maxP95Ms: null, maxErrors: 0, minPerSecond: 1 };
    const refused = await run(constant(10), { ask: () => failing("internal") });
    expect(toChecks(refused, thresholds).map(({ passed }) => passed)).toEqual([false, false, false]);
    const nothing = await run(constant(10), { bounds: { maxRequests: 0 } });
    expect(toChecks(nothing, thresholds).map(({ passed }) => passed)).toEqual([false, false, false]);
    const good = await run(constant(10));
    expect(toChecks(good, thresholds).map(({ passed }) => passed)).toEqual([true, true, true]);
  });
});

describe("an interruption", () => {
  it.each([constant(50), { kind: "closed", callers: 3 } as const])("ends with what there was: %j", async (arrivals) => {
    const controller = new AbortController();
    let asked = 0;
    const interrupting: Sketch["ask"] = ({ waiting }) => {
      const lanes = createLanes(waiting, 2, 20);
      return (signal) => {
        if (++asked === 40) controller.abort(new Error("interrupted"));
        return lanes(signal);
      };
    };
    const { tally, ended, nowMs } = await run(arrivals, { ask: interrupting, signal: controller.signal });
    expect(ended).toBe("interrupted");
    expect(nowMs).toBeLessThan(1000);
    expect(tally.good + tally.cutOff).toBe(tally.sent);
    expect({ sent: tally.sent, failed: failureCount(tally) }).toEqual({ sent: 40, failed: 0 });
  });

  it("before the start asks nobody", async () => {
    const { tally, ended } = await run(constant(50), { signal: AbortSignal.abort(new Error("interrupted")) });
    expect({ sent: tally.sent, ended }).toEqual({ sent: 0, ended: "interrupted" });
  });
});

it("a bug of ours is no error of the service's", async () => {
  const broken: Sketch["ask"] = () => async () => {
    throw new TypeError("x is undefined");
  };
  await expect(run(constant(50), { ask: broken })).rejects.toThrow("x is undefined");
});
