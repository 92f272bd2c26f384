import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ServerProcess } from "./server-process.js";

/** What follows runs as process 1 of a namespace of its own, as a container's command does. */
export const asProcessOne = ["unshare", "--pid", "--fork", "--mount-proc"] as const;

const tried = spawnSync(asProcessOne[0], [...asProcessOne.slice(1), "true"], { encoding: "utf8" });

/** Why there is no such namespace on this machine; null where there is. */
export const noProcessOne: string | null =
  tried.status === 0 ? null : `no PID namespace: ${tried.error?.message ?? tried.stderr.trim()}`;

/** The number of a server that is process 1, as this side of its namespace counts. */
export function outerPid({ child }: ServerProcess): number {
  return Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim());
}
