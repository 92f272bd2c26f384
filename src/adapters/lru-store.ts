import { LRUCache } from "lru-cache";
import type { Now } from "../serving/clock.js";
import type { Store } from "../serving/feature-cache.js";

export type LruLimits = Readonly<{
  /** 0 keeps nothing. */
  entries: number;
  bytes: number;
  now: Now;
}>;

/** Entries by key; the one not asked for the longest goes first. What alone is larger than the limit is not kept. */
export function createLruStore<Value extends object>({ entries, bytes, now }: LruLimits): Store<Value> {
  if (entries === 0) return { get: () => undefined, set: () => {}, entries: () => 0, bytes: () => 0 };
  // Expired entries are found out when asked for or pushed out: the bounds hold without a timer for each.
  const cache = new LRUCache<string, Value>({ max: entries, maxSize: bytes, perf: { now }, ttlResolution: 0 });
  return {
    get: (key) => cache.get(key),
    set: (key, value, { bytes: size, ttlMs }) => void cache.set(key, value, { size, ttl: ttlMs }),
    entries: () => cache.size,
    bytes: () => cache.calculatedSize,
  };
}
