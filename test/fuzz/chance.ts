import type { Random } from "../../catalog/sample/seeded-random.js";

/** A whole number from `least` to `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** @throws RangeError for an empty list */
export function pick<Entry>(random: Random, entries: readonly Entry[]): Entry {
  const entry = entries[Math.floor(random() * entries.length)];
  if (entry === undefined) throw new RangeError("nothing to pick from");
  return entry;
}

/** As many bytes, any of them. */
export function anyBytes(random: Random, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}

/** A copy with this many bits turned over, anywhere at or after `from`. */
export function withFlippedBits(random: Random, bytes: Uint8Array, count: number, from = 0): Uint8Array {
  const changed = Uint8Array.from(bytes);
  for (let flip = 0; flip < count; flip++) {
    const at = between(random, from, bytes.length - 1);
    changed[at]! ^= 1 << between(random, 0, 7);
  }
  return changed;
}
