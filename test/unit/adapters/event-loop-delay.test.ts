import { afterEach, describe, expect, it } from "vitest";
import { type EventLoopDelay, watchEventLoopDelay } from "../../../src/adapters/event-loop-delay.js";

const watched: EventLoopDelay[] = [];
afterEach(() => {
  for (const delay of watched.splice(0)) delay.close();
});

function watch(windowMs?: number): EventLoopDelay {
  const delay = watchEventLoopDelay(windowMs);
  watched.push(delay);
  return delay;
}

/** Waits for a turn of the loop, then keeps it from turning for so long. */
async function hold(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 30));
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("the event loop's delay", () => {
  it("is nothing before anything was measured", () => {
    expect(watch().read()).toEqual({ p50: 0, p99: 0, max: 0 });
  });

  it("is as long as the loop was held, without the timer's own share", async () => {
    const delay = watch();
    await hold(200);
    await expect.poll(() => delay.read().max).toBeGreaterThan(0.17);
    const { p50, p99, max } = delay.read();
    expect(p50).toBeLessThanOrEqual(p99);
    expect(p99).toBeLessThanOrEqual(max);
  });

  it("is still known in the next window, and forgotten after it", async () => {
    const delay = watch(400);
    await hold(200);
    await expect.poll(() => delay.read().max).toBeGreaterThan(0.17);
    await expect.poll(() => delay.read().max, { timeout: 10_000 }).toBeLessThan(0.17);
  });

  it("is watched until the end, and no longer", async () => {
    const delay = watch();
    delay.close();
    await hold(50);
    expect(delay.read()).toEqual({ p50: 0, p99: 0, max: 0 });
  });
});
