import type { AskedLater } from "../src/adapters/image-fetcher-later.js";

/** Longer than this nobody waits for a host at a time, whatever it says. */
export const longestWaitMs = 120_000;

/** Dates of HTTP, of which every host sends this one form: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const datePattern = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * For how long a host wants to be left alone, cut at `longestWaitMs`; 0 where what it says is no time, or has passed. Its
 * own clock counts where it tells it.
 */
export function toWaitMs({ retryAfter, date }: AskedLater, now: number): number {
  const text = retryAfter.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestWaitMs);
  const until = toTime(text);
  if (until === null) return 0;
  return Math.min(Math.max(until - (toTime(date ?? "") ?? now), 0), longestWaitMs);
}

function toTime(text: string): number | null {
  const time = datePattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
