import { setImmediate as nextTurn } from "node:timers/promises";
import { createOwnSignals } from "../domain/own-signals.js";

/** Results that wait for an earlier one, as a multiple of the items at work: one slow item need not stop the others. */
const waitingPerWorker = 4;

export type OrderedWork<Item, Result> = Readonly<{
  /** Ends, or throws the signal's reason, once the signal is aborted. */
  items: (signal: AbortSignal) => AsyncIterable<Item>;
  work: (item: Item, signal: AbortSignal) => Promise<Result>;
  /** Called with one result at a time, in the order of the items. */
  put: (result: Result) => Promise<void>;
  /** Most items worked on side by side. */
  atOnce: number;
  sizeOf: (item: Item) => number;
  /** No further item is taken while those at work have this size together. */
  maxSizeAtWork: number;
  signal: AbortSignal;
}>;

/**
 * Works on a few items side by side and puts their results in order. The first failure of any part stops the rest, which
 * has ended when this rejects with it. Between two items everybody else has a turn.
 * @throws whatever a part throws; the signal's reason
 */
export async function workInOrder<Item, Result>(options: OrderedWork<Item, Result>): Promise<void> {
  const { items, work, put, atOnce, sizeOf, maxSizeAtWork } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const withOwnSignal = createOwnSignals(signal);
  const fail = (error: unknown): void => failed.abort(error);
  const atWork = new Map<Promise<void>, number>();
  const unput = new Set<Promise<void>>();
  let last = Promise.resolve();
  const sizeAtWork = () => [...atWork.values()].reduce((sum, size) => sum + size, 0);
  try {
    for await (const item of items(signal)) {
      const result = withOwnSignal((own) => work(item, own));
      const ended = result.then(() => {}, fail).finally(() => atWork.delete(ended));
      atWork.set(ended, sizeOf(item));
      const isPut = Promise.all([result, last]).then(([value]) => put(value));
      last = isPut;
      const settled = isPut.catch(fail).finally(() => unput.delete(settled));
      unput.add(settled);
      while (atWork.size >= atOnce || sizeAtWork() >= maxSizeAtWork) await Promise.race(atWork.keys());
      while (unput.size >= atOnce * waitingPerWorker) await Promise.race(unput);
      await nextTurn();
      signal.throwIfAborted();
    }
    await last;
  } catch (error) {
    fail(error);
  }
  await Promise.all([...atWork.keys(), ...unput]);
  signal.throwIfAborted();
}
