import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { beginEarly } from "../../../catalog/begin-early.js";

/** Tells what happens to it. */
function source(log: string[], failAt = Number.POSITIVE_INFINITY): AsyncGenerator<number, void> {
  return (async function* () {
    log.push("begun");
    try {
      for (let piece = 0; piece < 3; piece++) {
        if (piece === failAt) throw new Error(`no piece ${piece}`);
        yield piece;
      }
    } finally {
      log.push("ended");
    }
  })();
}

async function all<T>(pieces: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

describe("a source begun early", () => {
  it("is at work before anybody asks, and gives every piece in order", async () => {
    const log: string[] = [];
    const { pieces, end } = beginEarly(source(log), 2);
    expect(log).toEqual(["begun"]);
    expect(await all(pieces)).toEqual([0, 1, 2]);
    await end();
    expect(log).toEqual(["begun", "ended"]);
  });

  it("works ahead of its taker, and no further than was asked", async () => {
    let made = 0;
    const endless = (async function* (): AsyncGenerator<number, void> {
      for (;;) yield ++made;
    })();
    const { pieces, end } = beginEarly(endless, 4);
    await setImmediate();
    expect(made).toBe(4);
    for await (const piece of pieces) {
      await setImmediate();
      expect(made).toBe(piece + 4);
      if (piece === 20) break;
    }
    await end();
    await setImmediate();
    expect(made).toBe(24);
  });

  it("ends although nobody asked", async () => {
    const log: string[] = [];
    await beginEarly(source(log), 2).end();
    expect(log).toEqual(["begun", "ended"]);
  });

  it("ends when its taker stops half-way", async () => {
    const log: string[] = [];
    const { pieces, end } = beginEarly(source(log), 2);
    for await (const piece of pieces) if (piece === 1) break;
    await end();
    expect(log).toEqual(["begun", "ended"]);
  });

  it("gives nothing where there is nothing", async () => {
    const { pieces, end } = beginEarly((async function* (): AsyncGenerator<number, void> {})(), 2);
    expect(await all(pieces)).toEqual([]);
    await end();
  });

  it.each([0, 1])("throws what piece %i throws to its taker, and to nobody else", async (failAt) => {
    const log: string[] = [];
    const { pieces, end } = beginEarly(source(log, failAt), 2);
    await expect(all(pieces)).rejects.toThrow(`no piece ${failAt}`);
    await end();
    expect(log).toEqual(["begun", "ended"]);
  });

  it("keeps a failed first piece to itself where nobody asks", async () => {
    await expect(beginEarly(source([], 0), 2).end()).resolves.toBeUndefined();
  });
});
