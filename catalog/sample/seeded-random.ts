/** The next number of a seeded sequence, in [0, 1). */
export type Random = () => number;

/** A repeatable sequence from any text or number: FNV-1a hashes the seed, mulberry32 (Tommy Ettinger, 2017) draws. */
export function createRandom(seed: number | string): Random {
  let state = 0x811c9dc5;
  for (const character of String(seed)) {
    state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The option that `value` in [0, 1] falls on, all equally wide. */
export function pick<const Option>(options: readonly [Option, ...Option[]], value: number): Option {
  const place = Math.min(options.length - 1, Math.max(0, Math.floor(value * options.length)));
  return options[place] ?? options[0];
}

/** `value` in [0, 1] stretched to the range from `from` to `to`. */
export function between(from: number, to: number, value: number): number {
  return from + (to - from) * value;
}
