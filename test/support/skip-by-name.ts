import { describe, it } from "vitest";

/**
 * Declares `tests`, or, where `reason` says why they cannot run here, one skipped test of that name, which
 * STYGIG_FORBID_SKIPS=1 turns into a failure of the whole run (scripts/test.js).
 */
export function unlessSkipped(name: string, reason: string | null, tests: () => void): void {
  if (reason === null) tests();
  else describe(name, () => it.skip(`skipped: ${reason}`));
}
