import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { projectFolder } from "./project-folder.js";

/** What a figure depends on besides the code. */
export type Machine = Readonly<{
  cpu: string;
  cores: number;
  node: string;
  /** Share of all cores' time that other processes had during the run, in [0, 1]; null where nothing was timed. */
  takenByOthers: number | null;
  libraries: Readonly<Record<string, string>>;
  /** YYYY-MM-DD */
  date: string;
}>;

export function describeMachine(libraries: Machine["libraries"], takenByOthers: number | null): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    node: process.version,
    takenByOthers,
    libraries,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** The commit at hand, `-dirty` when files differ from it, or `none` outside of a clone. */
export function describeCommit(): string {
  const { status, stdout } = spawnSync("git", ["describe", "--always", "--dirty", "--exclude=*"], {
    cwd: projectFolder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? stdout.trim() : "none";
}

/** The version of an installed package, below the project's folder or another. */
export function versionOf(packageName: string, folder: string = projectFolder): string {
  const file = join(folder, "node_modules", packageName, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
