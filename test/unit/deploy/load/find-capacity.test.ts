import { describe, expect, it } from "vitest";
import { InvokeError } from "../../../../client/invoke-error.js";
import { findCapacity } from "../../../../deploy/load/find-capacity.js";
import { findKnee, kneeGoodShare, kneeQuantile, toBurdens } from "../../../../deploy/load/knee.js";
import { type LoadBounds, type LoadParts, runLoad } from "../../../../deploy/load/run-load.js";
import { createLanes, createVirtualTime, type VirtualTime } from "../../../support/virtual-time.js";

const bounds: LoadBounds = { durationMs: 100_000, maxRequests: 1e6, maxInFlight: 1e6, drainMs: 5000 };

type Sketch = Readonly<{
  lanes?: number;
  serviceMs?: number;
  mostP99Ms?: number;
  spacing?: "constant" | "poisson";
  bounds?: Partial<LoadBounds>;
  ask?: (time: VirtualTime) => LoadParts["ask"];
  signal?: AbortSignal;
}>;

/** What is found of lanes whose limit can be worked out by hand. */
async function find(sketch: Sketch = {}) {
  const { lanes = 4, serviceMs = 20, mostP99Ms = null, spacing = "constant" } = sketch;
  const time = createVirtualTime();
  const signal = sketch.signal ?? new AbortController().signal;
  const ask = sketch.ask?.(time) ?? createLanes(time.waiting, lanes, serviceMs);
  const parts = { ask, waiting: time.waiting, signal };
  const found = await time.play(
    findCapacity({
      run: (arrivals, itsBounds) => runLoad(arrivals, itsBounds, parts),
      spacing,
      bounds: { ...bounds, ...sketch.bounds },
      mostP99Ms,
    }),
  );
  return { ...found, nowMs: time.waiting.now() };
}

describe("the search for what a service bears", () => {
  it.each([
    [1, 20, 50],
    [4, 20, 200],
    [2, 5, 400],
  ])("finds of %d lanes of %d ms about %d a second", async (lanes, serviceMs, limit) => {
    const { sustainedPerSecond, held, idle } = await find({ lanes, serviceMs });
    expect(sustainedPerSecond! / limit).toBeGreaterThan(0.9);
    // A step of five seconds hides a queue that has not yet grown to three times the idle time.
    expect(sustainedPerSecond! / limit).toBeLessThan(1.03);
    expect(idle.recorder.tally.latencies.at(0.5)).toBeCloseTo(serviceMs, 0);
    expect(held!.arrivals).toMatchObject({ fromPerSecond: sustainedPerSecond! * 0.7 });
    expect(held!.recorder.tally.latencies.at(0.99)).toBeCloseTo(serviceMs, 0);
  });

  it("finds less where strangers come by chance, as they queue before the limit", async () => {
    const { sustainedPerSecond } = await find({ lanes: 1, spacing: "poisson" });
    expect(sustainedPerSecond).toBeLessThan(45);
    expect(sustainedPerSecond).toBeGreaterThan(20);
  });

  it("holds to the caller's own limit", async () => {
    expect((await find({ mostP99Ms: 10 })).sustainedPerSecond).toBeNull();
    expect((await find({ mostP99Ms: 25 })).sustainedPerSecond).toBeGreaterThan(180);
  });

  it("finds nothing where nobody answers, and holds nothing", async () => {
    const ask = () => async () => {
      throw new InvokeError({ code: "no_answer", message: "no", status: 0, isRetryable: true });
    };
    // A refusal that takes no time at all would let one caller ask without an end.
    const found = await find({ ask, bounds: { maxRequests: 50 } });
    expect(found).toMatchObject({ sustainedPerSecond: null, held: null, steps: [] });
  });

  it("counts errors as not borne", async () => {
    const refusing: Sketch["ask"] = ({ waiting }) => {
      const lanes = createLanes(waiting, 100, 20);
      let inside = 0;
      return async (signal) => {
        if (inside >= 4) throw new InvokeError({ code: "overloaded", message: "", status: 429, isRetryable: true });
        inside += 1;
        return lanes(signal).finally(() => {
          inside -= 1;
        });
      };
    };
    const { sustainedPerSecond } = await find({ ask: refusing });
    expect(sustainedPerSecond! / 200).toBeGreaterThan(0.9);
    expect(sustainedPerSecond! / 200).toBeLessThan(1.1);
  });

  it.each([1, 4, 60])("never takes longer than it may, %d lanes", async (lanes) => {
    const { nowMs, held } = await find({ lanes, bounds: { durationMs: 20_000, drainMs: 1000 } });
    expect(nowMs).toBeLessThanOrEqual(21_000);
    expect(held).not.toBeNull();
  });

  it("never asks more often than it may", async () => {
    const { idle, steps, held } = await find({ bounds: { maxRequests: 1500 } });
    const runs = [idle, ...steps.map(({ run }) => run), ...(held === null ? [] : [held])];
    expect(runs.reduce((sum, { recorder }) => sum + recorder.tally.sent, 0)).toBe(1500);
  });

  it("ends at an interruption with what it has found so far", async () => {
    const controller = new AbortController();
    let asked = 0;
    const interrupting: Sketch["ask"] = ({ waiting }) => {
      const lanes = createLanes(waiting, 4, 20);
      return (signal) => {
        if (++asked === 2000) controller.abort(new Error("interrupted"));
        return lanes(signal);
      };
    };
    const { steps, held, sustainedPerSecond } = await find({ ask: interrupting, signal: controller.signal });
    expect(steps.length).toBeGreaterThan(0);
    expect(sustainedPerSecond).toBeGreaterThan(0);
    expect(held).toBeNull();
  });
});

describe("the knee of a rising load", () => {
  const rules = { leastGoodShare: kneeGoodShare, quantile: kneeQuantile, mostMs: 60 };

  it.each([1, 4])("of %d lanes of 20 ms is where they are full", async (lanes) => {
    const time = createVirtualTime();
    const arrivals = { kind: "open", fromPerSecond: 0, toPerSecond: 100 * lanes, spacing: "constant" } as const;
    const parts = {
      ask: createLanes(time.waiting, lanes, 20),
      waiting: time.waiting,
      signal: new AbortController().signal,
    };
    const run = await time.play(runLoad(arrivals, { ...bounds, drainMs: 1e6 }, parts));
    const burdens = toBurdens(run, kneeQuantile, (middleMs) => (100 * lanes * middleMs) / bounds.durationMs);
    const { perSecond, isReached } = findKnee(burdens, rules);
    expect(isReached).toBe(true);
    expect(perSecond! / (50 * lanes)).toBeGreaterThan(0.97);
    expect(perSecond! / (50 * lanes)).toBeLessThan(1.05);
  });

  const borne = { goodShare: 1, latencyMs: 20 };
  const broken = { goodShare: 1, latencyMs: 90 };
  const at = (...burdens: readonly (typeof borne)[]) =>
    burdens.map((burden, place) => ({ ...burden, offeredPerSecond: 10 * (place + 1) }));

  it("is not one slow window among good ones", () => {
    expect(findKnee(at(borne, broken, borne, borne), rules)).toEqual({ perSecond: 40, isReached: false });
    expect(findKnee(at(borne, borne, broken, broken), rules)).toEqual({ perSecond: 20, isReached: true });
    expect(findKnee(at(borne, borne, broken), rules)).toEqual({ perSecond: 20, isReached: true });
  });

  it("may lie before everything, or nowhere", () => {
    expect(findKnee(at(broken, broken), rules)).toEqual({ perSecond: null, isReached: true });
    expect(findKnee([], rules)).toEqual({ perSecond: null, isReached: false });
  });

  it("is reached by errors as well", () => {
    const failing = { goodShare: 0.5, latencyMs: 20 };
    expect(findKnee(at(borne, failing, failing), rules)).toEqual({ perSecond: 10, isReached: true });
  });
});
