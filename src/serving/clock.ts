/** Monotonic milliseconds. Tests pass a hand-wound one; no other file reads a clock. */
export type Now = () => number;

/** The process's own clock. */
export const now: Now = () => performance.now();
