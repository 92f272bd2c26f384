import { describe, it } from "vitest";

/**
 * Declares `tests`, or, where `reason` says why they cannot run here, one skipped test of that name.
 * With STYGIG_FORBID_SKIPS=1 the skip is a failure: for the machines where everything must run.
 */
export function unlessSkipped(name: string, reason: string | null, tests: () => void): void {
  if (reason === null) {
    tests();
    return;
  }
  const title = `skipped: ${reason}`;
  describe(name, () => {
    if (process.env.STYGIG_FORBID_SKIPS !== "1") it.skip(title);
    else {
      it(title, () => {
        throw new Error(`STYGIG_FORBID_SKIPS=1, but ${title}`);
      });
    }
  });
}
