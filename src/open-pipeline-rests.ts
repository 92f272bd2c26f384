import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { now } from "./serving/clock.js";

/** Less work than this is not worth a timer. */
const leastWorkMs = 2;
const longestRestMs = 20;

/**
 * Rests for as long as was worked since the last rest. Opening a catalog without a pause takes a core of those who are
 * answered meanwhile, and on two cores their pictures wait for it.
 */
export function createRests(): () => Promise<void> {
  let since = now();
  return async () => {
    const workedMs = now() - since;
    if (workedMs < leastWorkMs) return nextTurn();
    await sleep(Math.min(workedMs, longestRestMs));
    since = now();
  };
}
