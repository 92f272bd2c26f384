import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createOwnSignals } from "../../../src/domain/own-signals.js";

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

/** Never ends by itself. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

describe("signals of works side by side", () => {
  it("cost the shared one a single listener, and none after", async () => {
    const { signal } = new AbortController();
    const withOwnSignal = createOwnSignals(signal);
    const ends: (() => void)[] = [];
    const works = Array.from({ length: 100 }, (_, i) =>
      withOwnSignal(async () => {
        await new Promise<void>((resolve) => void ends.push(resolve));
        if (i % 2 === 1) throw new Error("odd");
        return i;
      }),
    );
    expect([listenersOf(signal), ends.length]).toEqual([1, 100]);
    for (const end of ends) end();
    const outcomes = await Promise.allSettled(works);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(50);
    expect(listenersOf(signal)).toBe(0);
    expect(await withOwnSignal(async () => listenersOf(signal))).toBe(1);
    expect(listenersOf(signal)).toBe(0);
  });

  it("all end with the shared one, for its reason, and so does what begins later", async () => {
    const shared = new AbortController();
    const withOwnSignal = createOwnSignals(shared.signal);
    const works = Array.from({ length: 20 }, () => withOwnSignal(untilAborted));
    const reason = new Error("interrupted");
    const ended = Promise.allSettled(works);
    shared.abort(reason);
    expect(new Set((await ended).map((each) => each.status === "rejected" && each.reason))).toEqual(new Set([reason]));
    await expect(withOwnSignal(untilAborted)).rejects.toBe(reason);
    expect(listenersOf(shared.signal)).toBe(0);
  });

  it("end for their own reason alone while the shared one goes on", async () => {
    const withOwnSignal = createOwnSignals(new AbortController().signal);
    await expect(
      withOwnSignal(() => {
        throw new Error("at once");
      }),
    ).rejects.toThrow("at once");
    await expect(withOwnSignal(async (signal) => signal.aborted)).resolves.toBe(false);
  });
});
