import { createRandom } from "../../catalog/sample/seeded-random.js";
import type { Waiting } from "../../client/waiting.js";

/** A clock that jumps to whatever is waited for next, so that an hour of load is over at once and always the same. */
export type VirtualTime = Readonly<{
  waiting: Waiting;
  /** Lets time pass until this work is over. @throws Error when nobody waits for anything and it is not */
  play: <T>(work: Promise<T>) => Promise<T>;
}>;

type Sleeper = Readonly<{ atMs: number; wake: () => void }>;

export function createVirtualTime(seed = "time"): VirtualTime {
  const sleepers = new Set<Sleeper>();
  let nowMs = 0;
  const sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      const sleeper = { atMs: nowMs + ms, wake };
      sleepers.add(sleeper);
      signal.addEventListener("abort", abort);
    });
  async function play<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    for (;;) {
      // Everything that can go on without time goes on first.
      await new Promise((resolve) => setImmediate(resolve));
      if (isOver) return work;
      const next = [...sleepers].reduce<Sleeper | null>(
        (first, each) => (first === null || each.atMs < first.atMs ? each : first),
        null,
      );
      if (next === null) throw new Error("nobody waits for anything, and the work is not over");
      sleepers.delete(next);
      nowMs = next.atMs;
      next.wake();
    }
  }
  return { waiting: { now: () => nowMs, sleep, random: createRandom(seed) }, play };
}

/** A service of so many lanes that each take so long, first come, first served: its limits can be worked out by hand. */
export function createLanes(waiting: Waiting, lanes: number, serviceMs: number) {
  const freeAtMs = Array.from({ length: lanes }, () => 0);
  return async (signal: AbortSignal) => {
    const lane = freeAtMs.indexOf(Math.min(...freeAtMs));
    const doneAtMs = Math.max(waiting.now(), freeAtMs[lane]!) + serviceMs;
    freeAtMs[lane] = doneAtMs;
    await waiting.sleep(doneAtMs - waiting.now(), signal);
    return { stagesMs: { total: serviceMs }, cache: "miss", precision: "int8" };
  };
}
