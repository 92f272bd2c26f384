import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BenchFailure } from "../harness/bench-failure.js";
import { benchFolder, projectFolder } from "../harness/project-folder.js";

/** What the peers are asked for: one picture's file to its embedding, [1, dimension]. */
type EncodeFile = (file: string) => Promise<Readonly<{ dims: readonly number[] }>>;
export type PeerOptions = Readonly<{ folder: string; dtype: "fp32" | "q8"; threads: number | null }>;

const sourceFolder = join(projectFolder, "test/bench/peers");
/** Outside of `test/`, whose files the project's own checks read. */
export const peersFolder: string = join(benchFolder, "peers");

/** Installs what the bench compares with, unless it is there. @throws BenchFailure when npm cannot */
export function installPeers(): void {
  const isCurrent = isInstalled();
  if (!isCurrent) rmSync(peersFolder, { recursive: true, force: true });
  cpSync(sourceFolder, peersFolder, { recursive: true });
  if (isCurrent) return;
  process.stderr.write("Installing the packages that the encoder is compared with ...\n");
  // Under `npm run` the same npm is used; on its own, the one on the PATH.
  const npmScript = process.env.npm_execpath;
  const [command, ...start] = npmScript?.endsWith("npm-cli.js") ? [process.execPath, npmScript] : ["npm"];
  const { status } = spawnSync(command!, [...start, "ci"], { cwd: peersFolder, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new BenchFailure("the peers could not be installed: is the npm registry reachable?");
}

/** npm writes its own note of what it installed last, so a broken-off installation has none. */
function isInstalled(): boolean {
  const lockFile = join(peersFolder, "package-lock.json");
  if (!existsSync(lockFile) || !existsSync(join(peersFolder, "node_modules/.package-lock.json"))) return false;
  return readFileSync(lockFile, "utf8") === readFileSync(join(sourceFolder, "package-lock.json"), "utf8");
}

/** transformers.js on a model folder of this machine. */
export async function openPeer(options: PeerOptions): Promise<EncodeFile> {
  const { openPeer: open } = await import(pathToFileURL(join(peersFolder, "transformers-js.js")).href);
  return (open as (options: PeerOptions) => Promise<EncodeFile>)(options);
}
