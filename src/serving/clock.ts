/** Monotonic milliseconds. Tests pass a hand-wound one; no other file reads a clock. */
export type Now = () => number;

/** The process's own clock. */
export const now: Now = () => performance.now();

/** Milliseconds since 1970, for whoever must say when something was; it may jump, so nothing is measured with it. */
export const epochMs: Now = () => Date.now();
