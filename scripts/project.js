import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top folder, absolute. */
export const projectFolder = fileURLToPath(new URL("..", import.meta.url));

/** A failure that one line explains: scripts print it and exit 1, without a stack. */
export class ScriptFailure extends Error {}

/** Runs a command in the project's folder with its output shown. @throws ScriptFailure with `failure` as its text */
export function runCommand(command, parameters, failure) {
  const { status, error } = spawnSync(command, parameters, { cwd: projectFolder, stdio: "inherit" });
  if (status !== 0) throw new ScriptFailure(error === undefined ? failure : `${failure} (${error.message})`);
}

/** Every file at or below a path of the project, as sorted paths relative to it; build outputs left out. */
export function filesBelow(path) {
  const absolute = join(projectFolder, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .filter((name) => name !== "build" && name !== "node_modules")
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

/** A digest of names and contents: times of files differ between clones and say nothing. */
export function digestOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(projectFolder, path)))
      .update("\0");
  return hash.digest("hex");
}

/** Runs a script's story; a ScriptFailure is one line, anything else keeps its stack. */
export async function runScript(story) {
  try {
    await story();
  } catch (error) {
    if (!(error instanceof ScriptFailure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
