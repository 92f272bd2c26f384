import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/stygig", import.meta.url));

/** What a command left behind. */
export type CommandResult = Readonly<{ exitCode: number | null; stdout: string; stderr: string }>;

type RunSettings = Readonly<{
  /** Beside this process's own environment. */
  env?: Readonly<Record<string, string>>;
  folder?: string;
  /** May wait for something and then end it. */
  onStart?: (child: ChildProcess) => Promise<void>;
}>;

/** Runs the built `bin/stygig` to its end. */
export function runStygig(
  args: readonly string[],
  input = "",
  { env = {}, folder, onStart }: RunSettings = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      stdio: "pipe",
      env: { ...process.env, ...env },
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      output.stdout += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output.stderr += chunk.toString("utf8");
    });
    child.on("error", reject);
    onStart?.(child).catch(reject);
    child.on("close", (exitCode) => resolve({ exitCode, ...output }));
    // A command that refuses its flags ends before it has read anything.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** One parsed object per line of JSON Lines. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the command printed
export function parseLines(text: string): any[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
