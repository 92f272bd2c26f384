import { EventEmitter, once } from "node:events";

/** A source at work, and how to be done with it, whether or not anybody asked for what it gives. */
export type Begun<T> = Readonly<{ pieces: AsyncIterable<T>; end: () => Promise<void> }>;

/**
 * Sets a source to work at once, beside other work, until `most` of its pieces wait to be taken. What goes wrong with it is
 * thrown to whoever takes them, after those that were made before.
 */
export function beginEarly<T>(source: AsyncGenerator<T, void>, most: number): Begun<T> {
  const waiting: T[] = [];
  const changes = new EventEmitter();
  let [isOver, isEnding] = [false, false];

  async function work(): Promise<void> {
    try {
      for (let next = await source.next(); next.done !== true; next = await source.next()) {
        waiting.push(next.value);
        changes.emit("change");
        while (waiting.length >= most && !isEnding) await once(changes, "change");
        if (isEnding) return;
      }
    } finally {
      isOver = true;
      changes.emit("change");
    }
  }
  const working = work();
  // Thrown where it is awaited below; until then nobody may be there yet.
  working.catch(() => {});

  async function* pieces(): AsyncGenerator<T> {
    for (;;) {
      if (waiting.length > 0) {
        const piece = waiting.shift()!;
        changes.emit("change");
        yield piece;
      } else if (isOver) {
        return await working;
      } else {
        await once(changes, "change");
      }
    }
  }
  return {
    pieces: pieces(),
    end: async () => {
      isEnding = true;
      changes.emit("change");
      await working.catch(() => {});
      // One that has come to its end, or failed, has nothing left to do.
      await source.return();
    },
  };
}
