import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { expect, vi } from "vitest";
import { projectFolder } from "./project-files.js";

const compiledServer = join(projectFolder, "dist/src/main.js");
const doomedWorker = new URL("../../dist/test/support/doomed-worker.js", import.meta.url);

/** The server as a process of its own, as the container starts it. */
export type ServerProcess = Readonly<{
  child: ChildProcess;
  /** Waits for a log line of this event and gives its fields. */
  until: (event: string) => Promise<Readonly<Record<string, unknown>>>;
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>;
  stdout: () => string;
  stderr: () => string;
}>;

type StartOptions = Readonly<{
  parameters?: readonly string[];
  script?: string;
  /** Whether its workers shall end when told so over the process's channel; see doomed-worker.ts. */
  isDoomed?: boolean;
  /** A command that starts what follows it, such as `unshare --pid --fork`. */
  under?: readonly string[];
}>;

/** Nothing of this process's environment reaches the server but what is given. */
export function startProcess(
  env: Readonly<Record<string, string>>,
  { parameters = [], script = compiledServer, isDoomed = false, under = [] }: StartOptions = {},
): ServerProcess {
  const settings = { PORT: "0", INDEX: "exact", STYGIG_ENCODER_WORKERS: "1" };
  const preload = isDoomed ? ["--import", doomedWorker.href] : [];
  const [command, ...rest] = [...under, process.execPath, ...preload, script, "serve", ...parameters];
  const child = spawn(command!, rest, {
    env: { PATH: process.env.PATH ?? "", ...settings, ...env },
    stdio: ["ignore", "pipe", "pipe", ...(isDoomed ? (["ipc"] as const) : [])],
  }) as ChildProcessByStdio<null, Readable, Readable>;
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const find = (event: string) =>
    stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .find((line) => line.event === event);
  return {
    child,
    until: async (event) => {
      const isOver = () => find(event) !== undefined || child.exitCode !== null;
      await vi.waitUntil(isOver, { timeout: 20_000 });
      return find(event) ?? expect.fail(`the server ended without "${event}": ${stderr}`);
    },
    ended: once(child, "close").then(([code, signal]) => code ?? signal),
    stdout: () => stdout,
    stderr: () => stderr,
  };
}

/** The server's script in a copy of the program that has no FAISS addon, whatever this machine has. */
export async function serverWithoutFaiss(folder: string): Promise<string> {
  await cp(join(projectFolder, "dist/src"), join(folder, "dist/src"), { recursive: true });
  await cp(join(projectFolder, "package.json"), join(folder, "package.json"));
  await symlink(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  return join(folder, "dist/src/main.js");
}
