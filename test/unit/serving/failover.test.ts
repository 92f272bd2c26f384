import { describe, expect, it } from "vitest";
import {
  type Attempt,
  createFailover,
  type FailoverEvent,
  type FailoverOptions,
} from "../../../src/serving/failover.js";

/** A rung by name; work on it does what the test says. */
type Outcome = "works" | "fails" | "fails-soundly";

function aLadder(outcomes: Readonly<Record<string, Outcome>>, options: Partial<FailoverOptions<string>> = {}) {
  const [first, ...rest] = Object.keys(outcomes);
  const events: string[] = [];
  const closed: string[] = [];
  const failover = createFailover<string>({
    first: first!,
    openNext: async () => rest.shift() ?? null,
    close: async (rung) => void closed.push(rung),
    policy: "next",
    report: (event: FailoverEvent<string>) => {
      events.push(event.kind === "moved" ? `${event.from} -> ${event.to}` : `${event.kind} ${event.rung}`);
    },
    ...options,
  });
  const attempt = async (rung: string): Promise<Attempt<string>> => {
    const outcome = outcomes[rung]!;
    if (outcome === "works") return { kind: "done", result: rung };
    return { kind: "failed", reason: `${rung} broke`, sound: outcome === "fails-soundly" };
  };
  return { failover, attempt, events, closed };
}

/** A promise that the test settles. */
function aDoor<T>() {
  let open = (_value: T): void => {};
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("work that a rung fails", () => {
  it("is done on the next one that can, and so is all that follows", async () => {
    const { failover, attempt, events, closed } = aLadder({ gpu: "fails", int8: "fails", fp32: "works" });
    expect(await failover.run(attempt)).toBe("fp32");
    expect(await failover.run(attempt)).toBe("fp32");
    expect(events).toEqual(["gpu -> int8", "int8 -> fp32"]);
    expect(failover.current()).toBe("fp32");
    await failover.close();
    expect(closed).toEqual(["gpu", "int8", "fp32"]);
  });

  it("finds nothing left when the last one is gone", async () => {
    const { failover, attempt, events, closed } = aLadder({ gpu: "fails", cpu: "fails" });
    await expect(failover.run(attempt)).rejects.toMatchObject({ code: "not_ready" });
    await expect(failover.run(attempt)).rejects.toMatchObject({ code: "not_ready" });
    expect(events).toEqual(["gpu -> cpu", "gone cpu"]);
    expect(failover.current()).toBeNull();
    await failover.close();
    expect(closed).toEqual(["gpu", "cpu"]);
  });

  it("stays on a last rung that is sound, and is refused itself", async () => {
    const { failover, attempt, events } = aLadder({ cpu: "fails-soundly" });
    await expect(failover.run(attempt)).rejects.toMatchObject({ code: "encoder_failed" });
    expect(events).toEqual(["kept cpu"]);
    expect(failover.current()).toBe("cpu");
  });

  it("is itself at fault when two sound rungs fail it, and leaves the second one in place", async () => {
    const { failover, attempt, events } = aLadder({ gpu: "fails-soundly", int8: "fails-soundly", fp32: "works" });
    await expect(failover.run(attempt)).rejects.toMatchObject({
      code: "encoder_failed",
      details: { reason: "device error" },
      cause: { message: "int8 broke" },
    });
    expect(events).toEqual(["gpu -> int8"]);
    expect(failover.current()).toBe("int8");
  });

  it("leaves nothing where the operator wants an end, sound or not", async () => {
    for (const outcome of ["fails", "fails-soundly"] as const) {
      const { failover, attempt, events } = aLadder({ gpu: outcome, cpu: "works" }, { policy: "exit" });
      await expect(failover.run(attempt)).rejects.toMatchObject({ code: "not_ready" });
      expect(events).toEqual(["gone gpu"]);
    }
  });
});

describe("while the next rung is being opened", () => {
  it("work waits for it, and one failure of many opens it once", async () => {
    const door = aDoor<string | null>();
    let openings = 0;
    const openNext = () => {
      openings++;
      return door.opened;
    };
    const { failover, attempt, events } = aLadder({ gpu: "fails", cpu: "works" }, { openNext });
    const results = Promise.all(Array.from({ length: 20 }, () => failover.run(attempt)));
    const late = failover.run(attempt);
    door.open("cpu");
    expect(new Set([...(await results), await late])).toEqual(new Set(["cpu"]));
    expect(openings).toBe(1);
    expect(events).toEqual(["gpu -> cpu"]);
  });

  it("work that fails later on the rung before is done on the new one, and costs no further rung", async () => {
    const slow = aDoor<Attempt<string>>();
    const { failover, attempt, events } = aLadder({ gpu: "fails", cpu: "works" });
    const late = failover.run((rung) => (rung === "gpu" ? slow.opened : attempt(rung)));
    expect(await failover.run(attempt)).toBe("cpu");
    slow.open({ kind: "failed", reason: "the pool is closed", sound: false });
    expect(await late).toBe("cpu");
    expect(events).toEqual(["gpu -> cpu"]);
  });

  it("closing waits for it, closes it too, and refuses what waited", async () => {
    const door = aDoor<string | null>();
    const asked = aDoor<null>();
    const openNext = () => {
      asked.open(null);
      return door.opened;
    };
    const { failover, attempt, closed } = aLadder({ gpu: "fails", cpu: "works" }, { openNext });
    const settled = Promise.allSettled([failover.run(attempt), failover.run(attempt)]);
    await asked.opened;
    const closing = failover.close();
    door.open("cpu");
    await closing;
    expect([...closed].sort()).toEqual(["cpu", "gpu"]);
    for (const each of await settled) expect(each).toMatchObject({ reason: { code: "shutting_down" } });
  });

  it("whoever leaves is let go afterwards, without work", async () => {
    const door = aDoor<string | null>();
    const { failover, attempt } = aLadder({ gpu: "fails", cpu: "works" }, { openNext: () => door.opened });
    const first = failover.run(attempt);
    const leaver = new AbortController();
    const left = failover.run(attempt, leaver.signal);
    leaver.abort(new Error("left"));
    door.open("cpu");
    await expect(left).rejects.toThrow("left");
    expect(await first).toBe("cpu");
  });
});

it("passes on what work throws, and moves nowhere", async () => {
  const { failover, events } = aLadder({ cpu: "works" });
  await expect(failover.run(() => Promise.reject(new Error("bad output")))).rejects.toThrow("bad output");
  expect(events).toEqual([]);
  expect(failover.current()).toBe("cpu");
});

it("closes what is open even when opening another one went wrong", async () => {
  const openNext = () => Promise.reject(new Error("a bug"));
  const reasons: string[] = [];
  const report = ({ kind, reason }: FailoverEvent<string>) => void reasons.push(`${kind}: ${reason}`);
  const { failover, attempt, closed } = aLadder({ gpu: "fails", cpu: "works" }, { openNext, report });
  await expect(failover.run(attempt)).rejects.toMatchObject({ code: "not_ready" });
  expect([failover.current(), reasons]).toEqual([null, ["gone: gpu broke; the next rung: a bug"]]);
  await failover.close();
  expect(closed).toEqual(["gpu"]);
});

it("refuses work after it was closed, and may be closed twice", async () => {
  const { failover, attempt, closed } = aLadder({ cpu: "works" });
  await Promise.all([failover.close(), failover.close()]);
  await expect(failover.run(attempt)).rejects.toMatchObject({ code: "shutting_down" });
  expect(closed).toEqual(["cpu"]);
});
