import { execFileSync } from "node:child_process";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createWorkerPool,
  type PoolFailure,
  type WorkerLost,
  type WorkerPool,
} from "../../src/adapters/worker-pool.js";
import { ServiceError } from "../../src/domain/errors.js";
import type { TestReply, TestRequest } from "../support/pool-test-worker.js";

// Threads run compiled code: `npm test` compiles first.
const script = new URL("../../dist/test/support/pool-test-worker.js", import.meta.url);
const compiledPool = new URL("../../dist/src/adapters/worker-pool.js", import.meta.url);

const toError = (failure: PoolFailure) => Object.assign(new Error(failure.reason), { failure });

const pools: WorkerPool<TestRequest, TestReply>[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function aPool(size: number, settings: { maxRestarts?: number; failsToStart?: boolean; closeGraceMs?: number } = {}) {
  const losses: WorkerLost[] = [];
  const pool = createWorkerPool<TestRequest, TestReply>({
    script,
    size,
    startData: (place: number) => ({ failsToStart: settings.failsToStart ?? false, place }),
    maxRestarts: settings.maxRestarts ?? 3,
    closeGraceMs: settings.closeGraceMs ?? 1000,
    toError,
    report: (lost) => losses.push(lost),
  });
  pools.push(pool);
  return { pool, losses };
}

/** A request that holds its worker until `open` is called. */
function aWait() {
  const gate = new SharedArrayBuffer(4);
  const open = () => {
    Atomics.store(new Int32Array(gate), 0, 1);
    Atomics.notify(new Int32Array(gate), 0);
  };
  return { request: { do: "wait", gate } as const, open };
}

describe("a pool of workers", () => {
  it("answers each caller with its own reply", async () => {
    const { pool } = aPool(2);
    const sums = await Promise.all(
      Array.from({ length: 40 }, (_, value) => pool.call({ do: "add", numbers: Uint8Array.of(value, 1) })),
    );
    expect(sums.map((sum) => sum.value)).toEqual(Array.from({ length: 40 }, (_, value) => value + 1));
  });

  it("gives work to its threads by turns, and a replacement takes the place of the one it replaces", async () => {
    const { pool } = aPool(3);
    await pool.started();
    const places = async () => {
      const found: number[] = [];
      for (let call = 0; call < 6; call++) found.push((await pool.call({ do: "place" })).value);
      return found;
    };
    expect(await places()).toEqual([0, 1, 2, 0, 1, 2]);
    await expect(pool.call({ do: "exit" })).rejects.toMatchObject({ failure: { kind: "lost" } });
    await pool.started();
    expect([...new Set(await places())].sort()).toEqual([0, 1, 2]);
  });

  it("moves the buffers of a transfer list there and back", async () => {
    const { pool } = aPool(1);
    const numbers = Uint8Array.of(1, 2, 3);
    const promise = pool.call({ do: "add", numbers }, { transfer: [numbers.buffer] });
    await pool.started();
    await expect(promise).resolves.toEqual({ value: 6, numbers: Uint8Array.of(1, 2, 3) });
    expect(numbers.byteLength).toBe(0);
  });

  it("keeps waiting requests in order while all workers are busy", async () => {
    const { pool } = aPool(1);
    await pool.started();
    const { request, open } = aWait();
    const order: number[] = [];
    const first = pool.call(request).then(() => order.push(0));
    const others = [1, 2, 3].map((place) => pool.call({ do: "threadId" }).then(() => order.push(place)));
    expect(pool.waiting()).toBe(3);
    open();
    await Promise.all([first, ...others]);
    expect(order).toEqual([0, 1, 2, 3]);
    expect(pool.waiting()).toBe(0);
  });

  it("uses every worker at the same time", async () => {
    const { pool } = aPool(2);
    await pool.started();
    expect(pool.alive()).toBe(2);
    const { request, open } = aWait();
    const both = [pool.call(request), pool.call(request)];
    expect(pool.waiting()).toBe(0);
    open();
    const [first, second] = await Promise.all(both);
    expect(first?.value).not.toBe(second?.value);
  });
});

describe("failures of a worker", () => {
  it("keeps the code of a ServiceError and its cause's text", async () => {
    const { pool } = aPool(1);
    const error = await pool.call({ do: "refuse" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: "image_undecodable", details: { bytes: 3 } });
    expect(String((error as ServiceError).cause)).toContain("not a picture");
  });

  it.each([["throw", "no such thing"] as const, ["replyUnsendable", "could not be cloned"] as const])(
    "turns %s into a named failure and goes on with the same thread",
    async (what, text) => {
      const { pool, losses } = aPool(1);
      const before = await pool.call({ do: "threadId" });
      await expect(pool.call({ do: what })).rejects.toMatchObject({
        failure: { kind: "failed", reason: expect.stringContaining(text) },
      });
      await expect(pool.call({ do: "threadId" })).resolves.toEqual(before);
      expect(losses).toEqual([]);
    },
  );

  it.each([["exit", "code 7"] as const, ["crash", "crashed on purpose"] as const])(
    "fails only the caller of a thread that dies by %s, and replaces the thread",
    async (what, text) => {
      const { pool, losses } = aPool(1);
      const lost = pool.call({ do: what });
      const next = pool.call({ do: "add", numbers: Uint8Array.of(2, 2) });
      await expect(lost).rejects.toMatchObject({ failure: { kind: "lost", reason: expect.stringContaining(text) } });
      await expect(next).resolves.toMatchObject({ value: 4 });
      expect(losses).toEqual([{ reason: expect.stringContaining(text), wasBusy: true, restartsLeft: 2 }]);
    },
  );

  it("replaces a thread that dies while idle", async () => {
    const { pool, losses } = aPool(1);
    await pool.call({ do: "exitSoon" });
    await expect.poll(() => losses.length).toBe(1);
    expect(losses[0]).toMatchObject({ wasBusy: false });
    expect(pool.isExhausted()).toBe(false);
    await expect(pool.call({ do: "add", numbers: Uint8Array.of(1) })).resolves.toMatchObject({ value: 1 });
    expect(pool.alive()).toBe(1);
  });

  it("refuses everything once the restarts are used up", async () => {
    const { pool } = aPool(1, { maxRestarts: 1 });
    const outcomes = await Promise.allSettled([
      pool.call({ do: "exit" }),
      pool.call({ do: "exit" }),
      pool.call({ do: "threadId" }),
    ]);
    expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason.failure.kind)).toEqual([
      "lost",
      "lost",
      "exhausted",
    ]);
    expect([pool.alive(), pool.isExhausted()]).toEqual([0, true]);
    await expect(pool.call({ do: "threadId" })).rejects.toMatchObject({ failure: { kind: "exhausted" } });
  });

  it("says why when no worker can start", async () => {
    const { pool } = aPool(2, { maxRestarts: 1, failsToStart: true });
    await expect(pool.started()).rejects.toMatchObject({
      failure: { kind: "exhausted", reason: expect.stringContaining("cannot start on purpose") },
    });
    expect(pool.alive()).toBe(0);
  });

  it("hands a request that cannot be cloned back to its caller and goes on", async () => {
    const { pool } = aPool(1);
    const unsendable = { do: "add", numbers: (() => 1) as unknown as Uint8Array } as const;
    await expect(pool.call(unsendable)).rejects.toThrow("could not be cloned");
    await expect(pool.call({ do: "add", numbers: Uint8Array.of(3) })).resolves.toMatchObject({ value: 3 });
  });
});

describe("threads that end under load", () => {
  /** The threads that this process has started since, by number. */
  const workers = new Map<number, Worker>();
  const remember = (worker: Worker) => void workers.set(worker.threadId, worker);
  beforeEach(() => void process.on("worker", remember));
  afterEach(() => void process.off("worker", remember));

  it("take their own request with them and no other, in twenty rounds of throwing, exiting and being cut off", async () => {
    const { pool, losses } = aPool(2, { maxRestarts: 20 });
    const ways = ["exit", "crash", "terminate"] as const;
    for (let round = 0; round < 20; round++) {
      const how = ways[round % ways.length]!;
      await pool.started();
      const doomed = how === "terminate" ? pool.call({ do: "hang" }) : pool.call({ do: how });
      const others = Array.from({ length: 20 }, (_, value) => pool.call({ do: "add", numbers: Uint8Array.of(value) }));
      const outcome = expect(doomed).rejects.toMatchObject({ failure: { kind: "lost" } });
      if (how === "terminate") {
        // The other thread answers; the one that does not is the one that hangs.
        const { value: answering } = await pool.call({ do: "threadId" });
        const hanging = [...workers.keys()].filter((id) => id !== answering && workers.get(id)!.threadId === id);
        await Promise.all(hanging.map((id) => workers.get(id)!.terminate()));
      }
      await outcome;
      expect((await Promise.all(others)).map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    }
    expect(losses).toHaveLength(20);
    expect(pool.isExhausted()).toBe(false);
  });
});

describe("leaving a pool", () => {
  it("never sends a request whose caller has left the queue", async () => {
    const { pool, losses } = aPool(1);
    await pool.started();
    const { request, open } = aWait();
    const held = pool.call(request);
    const leaver = new AbortController();
    const left = pool.call({ do: "exit" }, { signal: leaver.signal });
    leaver.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    expect(pool.waiting()).toBe(0);
    open();
    await held;
    await pool.call({ do: "threadId" });
    expect(losses).toEqual([]);
  });

  it("lets a caller leave a running request and drops its reply", async () => {
    const { pool } = aPool(1);
    await pool.started();
    const { request, open } = aWait();
    const leaver = new AbortController();
    const left = pool.call(request, { signal: leaver.signal });
    leaver.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    open();
    await expect(pool.call({ do: "add", numbers: Uint8Array.of(5) })).resolves.toMatchObject({ value: 5 });
  });

  it("refuses a caller who has already left", async () => {
    const { pool } = aPool(1);
    await expect(pool.call({ do: "exit" }, { signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow("gone");
  });
});

describe("closing a pool", () => {
  it("answers the running request, refuses the waiting one and every later one", async () => {
    const { pool, losses } = aPool(1);
    await pool.started();
    const { request, open } = aWait();
    const running = pool.call(request);
    const waiting = pool.call({ do: "threadId" });
    const closed = pool.close();
    expect(pool.close()).toBe(closed);
    await expect(waiting).rejects.toMatchObject({ failure: { kind: "closed" } });
    await expect(pool.call({ do: "threadId" })).rejects.toMatchObject({ failure: { kind: "closed" } });
    open();
    await expect(running).resolves.toMatchObject({ value: expect.any(Number) });
    await closed;
    expect([pool.alive(), pool.isExhausted()]).toEqual([0, false]);
    expect(losses).toEqual([]);
  });

  it("cuts off a request that outlives the grace", async () => {
    const { pool } = aPool(1, { closeGraceMs: 50 });
    await pool.started();
    const stuck = pool.call({ do: "hang" });
    const outcome = expect(stuck).rejects.toMatchObject({ failure: { kind: "closed" } });
    await pool.close();
    await outcome;
  });

  it("closes while its workers are still starting", async () => {
    const { pool } = aPool(2);
    const started = pool.started().catch((error: ReturnType<typeof toError>) => error.failure.kind);
    await pool.close();
    expect(["closed", undefined]).toContain(await started);
    expect(pool.alive()).toBe(0);
  });

  it("lets the process end while idle workers remain", () => {
    const program = `(async () => {
      const { createWorkerPool } = await import(${JSON.stringify(compiledPool.href)});
      const pool = createWorkerPool({ script: new URL(${JSON.stringify(script.href)}), size: 2,
        startData: { failsToStart: false }, maxRestarts: 0, toError: (failure) => new Error(failure.reason) });
      await pool.started();
      const { value } = await pool.call({ do: "add", numbers: Uint8Array.of(20, 22) });
      process.stdout.write(String(value));
    })()`;
    const printed = execFileSync(process.execPath, ["--eval", program], { timeout: 20_000 });
    expect(printed.toString()).toBe("42");
  });
});
