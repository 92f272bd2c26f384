import { setTimeout as pause } from "node:timers/promises";
import { toFailureKind, toFailureLine } from "../../deploy/aws-failure.js";
import { createAwsSender } from "../../deploy/send-call.js";
import type { WaitParts } from "../../deploy/wait-endpoint.js";
import { now } from "../serving/clock.js";
import { interruptedExitCode, withInterruption } from "./interruption.js";
import { exitCodes, tell, tellProblems } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a command needs that talks with AWS. */
export type AwsSession = WaitParts &
  Readonly<{
    signal: AbortSignal;
    /** The same for putting things back, which Ctrl-C does not cut short; a second one ends the process. */
    undoing: WaitParts;
  }>;

/**
 * Does work in a region, told line by line on stderr. Ctrl-C ends what waits or is under way. What goes wrong becomes one
 * line with AWS's code and, where the credentials are at fault, how to mend them.
 */
export async function withAwsSession(
  { region, env }: Readonly<{ region: string; env: Environment }>,
  work: (session: AwsSession) => Promise<void>,
): Promise<void> {
  await withInterruption(async (signal) => {
    const connection = { region, endpointUrl: env.AWS_ENDPOINT_URL ?? null };
    const [sender, undoer] = [createAwsSender({ ...connection, signal }), createAwsSender(connection)];
    const undoing = { send: undoer.send, now, sleep: (milliseconds: number) => pause(milliseconds), tell };
    const sleep = (milliseconds: number) => pause(milliseconds, undefined, { signal });
    try {
      await work({ ...undoing, send: sender.send, sleep, signal, undoing });
    } catch (error) {
      tellProblems([signal.aborted ? "interrupted" : toLine(error)], exitCodes.failed);
    } finally {
      if (signal.aborted) process.exitCode = interruptedExitCode;
      sender.close();
      undoer.close();
    }
  });
}

function toLine(error: unknown): string {
  const line = toFailureLine(error);
  return toFailureKind(error) === "credentials" ? `${line}; sign in, as with \`aws sso login\` or AWS_PROFILE` : line;
}
