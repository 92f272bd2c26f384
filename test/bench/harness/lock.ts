import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BenchFailure } from "./bench-failure.js";

/**
 * Keeps a second bench of this machine, of whichever checkout, from running beside this one until the process ends: each
 * would spoil the other's figures.
 * A lock whose process is gone, killed half-way perhaps, counts for nothing.
 * @throws BenchFailure when another bench is running
 */
export function lockBenches(): void {
  const file = join(tmpdir(), "stygig-bench.lock");
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = Number(readFileSync(file, "utf8"));
    if (owner > 0 && isRunning(owner)) {
      throw new BenchFailure(`another bench is running (process ${owner}): two at once would measure each other`);
    }
    rmSync(file, { force: true });
  }
  process.once("exit", () => rmSync(file, { force: true }));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signaled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
