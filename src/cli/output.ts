import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** Exit codes of every command: 0 done, 1 the work failed, 2 it was asked for wrongly. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** One line of data on stdout, waiting while the reader is behind. */
export async function writeData(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

/** Everything that is not data: one line on stderr. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Tells each problem in a line of its own and leaves the exit code for the end of the process. */
export function tellProblems(problems: readonly string[], exitCode: 1 | 2): void {
  for (const problem of problems) tell(`stygig: ${problem}`);
  process.exitCode = exitCode;
}

/** The lines of a file, or of stdin when there is none; blank ones left out, numbered from 1. */
export async function* readLines(file: string | undefined): AsyncGenerator<Readonly<{ number: number; text: string }>> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  let number = 0;
  // An unreadable file fails the stream, which readline does not pass on by itself.
  const failure = once(input, "error").then(([error]) => Promise.reject(error));
  failure.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([lines.next(), failure]);
    if (next.done) return;
    number += 1;
    if (next.value.trim() !== "") yield { number, text: next.value };
  }
}
