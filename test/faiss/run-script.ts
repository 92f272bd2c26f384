import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a process ended: `code` is null when a signal ended it, as an abort does. */
export type Ending = Readonly<{ code: number | null; signal: string | null; output: string }>;

const root = new URL("../../", import.meta.url);

/** The addon that `npm run build` makes. */
export const addonPath = fileURLToPath(new URL("native/faiss/build/stygig_faiss.node", root));

/** Runs `command` from the project's folder to its end; `output` is what it printed, errors included. */
export function run(
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { cwd: root, env: { ...process.env, ...environment } });
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    child.stderr.on("data", (part: Buffer) => parts.push(part));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, output: Buffer.concat(parts).toString() }));
  });
}

/** Runs a compiled script of this folder in a fresh Node, with the collector at its disposal. */
export function runScript(
  name: string,
  parameters: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const script = fileURLToPath(new URL(`dist/test/faiss/${name}.js`, root));
  return run(process.execPath, ["--expose-gc", script, ...parameters], environment);
}
