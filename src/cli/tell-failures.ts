import { InvokeError } from "../../client/client.js";
import { interruptedExitCode, withInterruption } from "./interruption.js";
import { exitCodes, tellProblems } from "./output.js";

/** Does the work, interruptible; what goes wrong becomes one line with its code, and the exit code. */
export async function tellFailures(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  await withInterruption(async (signal) => {
    try {
      await work(signal);
    } catch (error) {
      tellProblems([toText(error)], exitCodes.failed);
      if (signal.aborted) process.exitCode = interruptedExitCode;
    }
  });
}

function toText(error: unknown): string {
  if (error instanceof InvokeError) {
    const status = error.status === null || error.status === 0 ? "" : ` (${error.status})`;
    return `${error.code}${status}: ${error.message.replace(/\s*\n\s*/g, " ")}`;
  }
  const text = error instanceof Error ? error.message : String(error);
  return /region is missing|region not accepted: region=""/i.test(text)
    ? "no region is named: give --region or set AWS_REGION"
    : text;
}
