import { randomInt } from "node:crypto";
import { setTimeout as sleepFor } from "node:timers/promises";
import { now } from "../src/serving/clock.js";

/** Time and chance, which tests hand in. */
export type Waiting = Readonly<{
  /** Monotonic ms. */
  now: () => number;
  /** Resolves after so many ms; rejects with the signal's reason when it aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  random: () => number;
}>;

const chanceSteps = 2 ** 32;

/** The process's own. */
export const realWaiting: Waiting = {
  now,
  sleep: async (ms, signal) => {
    try {
      await sleepFor(ms, undefined, { signal });
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    }
  },
  random: () => randomInt(chanceSteps) / chanceSteps,
};
