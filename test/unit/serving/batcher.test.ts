import { describe, expect, it } from "vitest";
import { agedAfterMs, type BatchReport, createBatcher, type Settled } from "../../../src/serving/batcher.js";

const never = new AbortController().signal;

type Run = Readonly<{
  items: readonly string[];
  finish: (outcomes?: readonly Settled<string>[]) => void;
  fail: (error: Error) => void;
}>;

/** A batcher whose runs end when the test says so, on a clock that the test winds. */
function aBatcher({ maxBatch = 8, lanes = 1 } = {}) {
  const runs: Run[] = [];
  const reports: BatchReport[] = [];
  const clock = { time: 0 };
  const batcher = createBatcher<string, string>({
    run: (items) =>
      new Promise((resolve, reject) => {
        const usual = items.map((item) => ({ value: `${item} done` }));
        runs.push({ items, finish: (outcomes = usual) => resolve(outcomes), fail: reject });
      }),
    maxBatch: () => maxBatch,
    lanes: () => lanes,
    now: () => clock.time,
    report: (report) => reports.push(report),
  });
  return { batcher, runs, reports, clock };
}

/** Lets everything that can go on go on; nothing here waits for anything but promises. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

const itemsOf = (runs: readonly Run[]) => runs.map(({ items }) => items.join(""));

describe("a batch", () => {
  it("of one leaves at once when a lane is free", async () => {
    const { batcher, runs } = aBatcher();
    const result = batcher.submit("a", never);
    await settled();
    expect(itemsOf(runs)).toEqual(["a"]);
    runs[0]!.finish();
    expect(await result).toBe("a done");
  });

  it("gathers what arrives while all lanes are busy, up to its limit", async () => {
    const { batcher, runs } = aBatcher({ maxBatch: 3 });
    const results = ["a", "b", "c", "d", "e"].map(async (item, i) => {
      if (i > 0) await settled();
      return batcher.submit(item, never);
    });
    await settled();
    await settled();
    runs[0]!.finish();
    await settled();
    runs[1]!.finish();
    await settled();
    runs[2]!.finish();
    expect(await Promise.all(results)).toEqual(["a done", "b done", "c done", "d done", "e done"]);
    expect(itemsOf(runs)).toEqual(["a", "bcd", "e"]);
  });

  it("is split evenly between the lanes that are free", async () => {
    const { batcher, runs } = aBatcher({ lanes: 2 });
    for (const item of "abcdef") void batcher.submit(item, never);
    await settled();
    expect(itemsOf(runs)).toEqual(["abc", "def"]);
  });

  it("fails alone when its run throws, and the next one runs", async () => {
    const { batcher, runs, reports } = aBatcher({ maxBatch: 2 });
    const results = Promise.allSettled(["a", "b", "c"].map((item) => batcher.submit(item, never)));
    await settled();
    runs[0]!.fail(new Error("broken"));
    await settled();
    runs[1]!.finish();
    expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(reports.map(({ size, failed }) => ({ size, failed }))).toEqual([
      { size: 2, failed: true },
      { size: 1, failed: false },
    ]);
  });

  it("fails item by item where the run says so", async () => {
    const { batcher, runs } = aBatcher();
    const results = Promise.allSettled(["a", "b"].map((item) => batcher.submit(item, never)));
    await settled();
    runs[0]!.finish([{ error: new Error("a is bad") }, { value: "fine" }]);
    expect(await results).toMatchObject([{ reason: { message: "a is bad" } }, { value: "fine" }]);
  });

  it("with too few results gives nobody another's", async () => {
    const { batcher, runs } = aBatcher();
    const results = Promise.allSettled(["a", "b"].map((item) => batcher.submit(item, never)));
    await settled();
    runs[0]!.finish([{ value: "whose?" }]);
    expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("a caller who leaves", () => {
  it("is not run when still waiting", async () => {
    const { batcher, runs } = aBatcher();
    const caller = new AbortController();
    void batcher.submit("a", never);
    await settled();
    const left = batcher.submit("b", caller.signal);
    const stayed = batcher.submit("c", never);
    caller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    expect(batcher.load()).toMatchObject({ waiting: 1, running: 1 });
    runs[0]!.finish();
    await settled();
    runs[1]!.finish();
    expect(await stayed).toBe("c done");
    expect(itemsOf(runs)).toEqual(["a", "c"]);
  });

  it("hears at once while running, and the lane stays taken until the run ends", async () => {
    const { batcher, runs } = aBatcher();
    const caller = new AbortController();
    const left = batcher.submit("a", caller.signal);
    await settled();
    caller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    const next = batcher.submit("b", never);
    await settled();
    expect(runs).toHaveLength(1);
    runs[0]!.finish();
    await settled();
    runs[1]!.finish();
    expect(await next).toBe("b done");
  });

  it("before it came is not taken in", async () => {
    const { batcher, runs } = aBatcher();
    await expect(batcher.submit("a", AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(runs).toEqual([]);
  });
});

describe("a job's items", () => {
  async function orderAfter(waitedMs: number): Promise<readonly string[]> {
    const { batcher, runs, clock } = aBatcher({ maxBatch: 1 });
    void batcher.submit("first", never);
    await settled();
    for (const item of ["j", "k", "l"]) void batcher.submit(item, never, "batch");
    clock.time += waitedMs;
    for (const item of ["a", "b"]) void batcher.submit(item, never);
    for (let run = 0; run < 6; run++) {
      await settled();
      runs[run]!.finish();
    }
    return itemsOf(runs).slice(1);
  }

  it("wait for interactive ones", async () => {
    expect(await orderAfter(agedAfterMs - 1)).toEqual(["a", "b", "j", "k", "l"]);
  });

  it("go before them once they have aged, but not two in a row", async () => {
    expect(await orderAfter(agedAfterMs)).toEqual(["j", "a", "k", "b", "l"]);
  });
});

describe("the load", () => {
  it("tells what waits, what runs and what an item takes a lane", async () => {
    const { batcher, runs, clock, reports } = aBatcher({ maxBatch: 2, lanes: 1 });
    expect(batcher.load()).toEqual({ waiting: 0, running: 0, lanes: 1, itemMs: null });
    for (const item of "abc") void batcher.submit(item, never);
    await settled();
    expect(batcher.load()).toEqual({ waiting: 1, running: 2, lanes: 1, itemMs: null });
    clock.time = 20;
    runs[0]!.finish();
    await settled();
    expect(batcher.load()).toEqual({ waiting: 0, running: 1, lanes: 1, itemMs: 10 });
    clock.time = 38;
    runs[1]!.finish();
    await settled();
    expect(batcher.load().itemMs).toBe(11);
    expect(reports).toMatchObject([
      { waitsMs: [0, 0], runMs: 20 },
      { waitsMs: [20], runMs: 18 },
    ]);
  });
});

describe("closing", () => {
  it("refuses new items and waits for all that were taken in", async () => {
    const { batcher, runs } = aBatcher({ maxBatch: 1 });
    const results = ["a", "b"].map((item) => batcher.submit(item, never));
    let isClosed = false;
    const closed = batcher.close().then(() => {
      isClosed = true;
    });
    await expect(batcher.submit("c", never)).rejects.toMatchObject({ code: "shutting_down" });
    await settled();
    runs[0]!.finish();
    await settled();
    expect(isClosed).toBe(false);
    runs[1]!.finish();
    await closed;
    expect(await Promise.all(results)).toEqual(["a done", "b done"]);
  });

  it("is done at once when there is nothing to do, also a second time", async () => {
    const { batcher } = aBatcher();
    await batcher.close();
    await batcher.close();
  });

  it("does not wait for callers who have left", async () => {
    const { batcher, runs } = aBatcher();
    const caller = new AbortController();
    void batcher.submit("a", never);
    await settled();
    const left = batcher.submit("b", caller.signal);
    left.catch(() => {});
    const closed = batcher.close();
    caller.abort();
    runs[0]!.finish();
    await closed;
    expect(runs).toHaveLength(1);
  });
});
