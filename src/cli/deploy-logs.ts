import type { Command } from "commander";
import { toFailureKind } from "../../deploy/aws-failure.js";
import { explainNoLogs, followLogs, type LogLine, type LogQuery, readLogs, roleHint } from "../../deploy/logs.js";
import type { FlagReader } from "../../deploy/spec-flags.js";
import { epochMs } from "../serving/clock.js";
import { type AwsSession, withAwsSession } from "./aws-session.js";
import { readFlags } from "./deploy-flags.js";
import { addEndpointPlace, readEndpointPlace } from "./endpoint-place.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `stygig deploy logs`. */
export function addDeployLogsCommand(deploy: Command, env: Environment): void {
  const command = addEndpointPlace(deploy.command("logs"));
  command
    .summary("what an endpoint's containers printed")
    .description(
      "Their lines on stdout as they are, oldest first. With --follow until Ctrl-C, which then ends it with 0.",
    )
    .option("--since <time>", "how far back: 30s, 15m, 6h, 2d (default: 1h)")
    .option("--filter <pattern>", "only lines that match, in CloudWatch's pattern language")
    .option("--follow", "go on with whatever is printed from now on")
    .option("--json", "one JSON object a line: time, stream, message")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const place = readEndpointPlace(flags, env, (reader) => ({
    backMs: readDuration(reader),
    filter: readFilter(reader),
  }));
  if ("problems" in place) return tellProblems(place.problems, exitCodes.usage);
  const { endpointName, region, backMs, filter } = place.value;
  let isEndedByPerson = false;
  await withAwsSession({ region, env }, async (session) => {
    const query = { endpointName, filter, sinceMs: epochMs() - backMs };
    try {
      await show(session, query, { follows: flags.follow === true, json: flags.json === true });
    } catch (error) {
      isEndedByPerson = flags.follow === true && session.signal.aborted;
      if (isEndedByPerson) return;
      if (toFailureKind(error) !== "absent") throw error;
      tellProblems([await explainNoLogs(session.send, endpointName)], exitCodes.failed);
    }
  });
  // Whoever follows a log has no other way to end it.
  if (isEndedByPerson) process.exitCode = exitCodes.done;
}

type Showing = Readonly<{ follows: boolean; json: boolean }>;

async function show(session: AwsSession, query: LogQuery, { follows, json }: Showing): Promise<void> {
  const lines = follows ? followLogs(session, query, epochMs) : readLogs(session.send, query, epochMs());
  let count = 0;
  for await (const line of lines) {
    count++;
    await writeData(json ? toJson(line) : line.message);
  }
  if (count === 0) tell(`note: no such lines in this time; where there are never any, ${roleHint}`);
}

function toJson({ atMs, stream, message }: LogLine): string {
  return JSON.stringify({ time: new Date(atMs).toISOString(), stream, message });
}

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function readDuration(reader: FlagReader): number {
  const text = reader.text("since") ?? "1h";
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit === undefined) reader.refuse(`--since must be a time such as 30s, 15m, 6h or 2d, not "${text}"`);
  return Number(count ?? 0) * unitMs[(unit ?? "h") as keyof typeof unitMs];
}

/** CloudWatch's limit. */
const maxFilterLength = 1024;

function readFilter(reader: FlagReader): string | null {
  const filter = reader.text("filter") ?? null;
  if (filter !== null && filter.length > maxFilterLength) {
    reader.refuse(`--filter must have at most ${maxFilterLength} characters, not ${filter.length}`);
  }
  return filter;
}
