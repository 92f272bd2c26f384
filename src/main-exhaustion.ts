import type { Log } from "./serving/log.js";

export type ExhaustionParts = Readonly<{
  /** Why pictures can never be answered again; empty when all is well. */
  problems: () => readonly string[];
  graceMs: number;
  log: Log;
  /** Told when the problems have outlived the grace. */
  giveUp: (reason: string) => void;
}>;

/** Watches for workers that are used up. `look` after anything that may have changed that. */
export type ExhaustionWatch = Readonly<{ look: () => void; end: () => void }>;

/**
 * A process that cannot work again is to end, so that the platform starts another. During the grace it says so itself:
 * /ping is 503, callers are told to come again, and a reload may still help.
 */
export function watchExhaustion({ problems, graceMs, log, giveUp }: ExhaustionParts): ExhaustionWatch {
  let grace: NodeJS.Timeout | null = null;
  const end = () => {
    if (grace !== null) clearTimeout(grace);
    grace = null;
  };
  const look = () => {
    const found = problems();
    if (found.length === 0) return end();
    if (grace !== null) return;
    log.error("workers_exhausted", { problems: found, grace_ms: graceMs });
    grace = setTimeout(() => {
      grace = null;
      const still = problems();
      if (still.length > 0) giveUp(still.join("; "));
    }, graceMs);
  };
  return { look, end };
}
