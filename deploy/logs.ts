import { toFailureLine } from "./aws-failure.js";
import { look } from "./look.js";
import { toLogGroupName } from "./names.js";
import type { PlannedCall, SendCall } from "./planned-call.js";
import { describeEndpoint, type WaitParts } from "./wait-endpoint.js";

/** One event of a container's log: usually a line, as it was printed. */
export type LogLine = Readonly<{
  id: string;
  /** When it was printed, in milliseconds since 1970. */
  atMs: number;
  /** `<variant>/<instance>`. */
  stream: string;
  message: string;
}>;

export type LogQuery = Readonly<{
  endpointName: string;
  /** Milliseconds since 1970. */
  sinceMs: number;
  /** CloudWatch's own pattern language; null takes every line. */
  filter: string | null;
}>;

/** Lines come this late at the worst, and out of order: so much is looked through again and again. */
const lateMs = 120_000;
/** FilterLogEvents bears a handful of calls a second in an account. */
const pollMs = 3_000;

/** What was printed between two moments, oldest first, page by page. @throws the service's error */
export async function* readLogs(send: SendCall, query: LogQuery, untilMs: number): AsyncGenerator<LogLine> {
  let page: LogPage | null = null;
  do {
    page = await readPage(send, { ...query, untilMs, token: page?.next });
    yield* page.lines;
  } while (page.next !== undefined);
}

/**
 * The same, and then whatever is printed from now on, for ever. A line that comes late is found as well, and none comes
 * twice. A look that fails for a moment is told and tried again. @throws the error of a look that will go on failing
 */
export async function* followLogs(
  { send, sleep, tell }: Pick<WaitParts, "send" | "sleep" | "tell">,
  query: LogQuery,
  epochMs: () => number,
): AsyncGenerator<LogLine> {
  const seen = new Map<string, number>();
  let { sinceMs } = query;
  for (;;) {
    let newestMs = 0;
    let token: string | undefined;
    let isWhole = true;
    do {
      const looked = await look(() => readPage(send, { ...query, sinceMs, token }));
      if ("error" in looked) {
        tell(`the log cannot be read right now: ${toFailureLine(looked.error)}`);
        isWhole = false;
        break;
      }
      for (const line of looked.found.lines) {
        if (seen.has(line.id)) continue;
        seen.set(line.id, line.atMs);
        newestMs = Math.max(newestMs, line.atMs);
        yield line;
      }
      token = looked.found.next;
    } while (token !== undefined);
    // A look that broke off may have left out older lines than it has shown.
    if (isWhole) sinceMs = Math.max(sinceMs, Math.min(newestMs, epochMs()) - lateMs);
    for (const [id, atMs] of seen) if (atMs < sinceMs) seen.delete(id);
    await sleep(pollMs);
  }
}

/** Why there is no log group, as far as one can tell. @throws the service's error */
export async function explainNoLogs(send: SendCall, endpointName: string): Promise<string> {
  const group = toLogGroupName(endpointName);
  const endpoint = await describeEndpoint(send, endpointName);
  if (endpoint === null) return `there is neither an endpoint ${endpointName} nor its log group ${group}`;
  return `there is no log group ${group}, and ${endpointName} is ${endpoint.status}: ${roleHint}`;
}

/** Why nothing may be printed. */
export const roleHint =
  "no container has started yet, or the endpoint's role lacks logs:CreateLogGroup, logs:CreateLogStream or " +
  "logs:PutLogEvents (`stygig deploy iam` prints what it needs)";

type LogPage = Readonly<{ lines: readonly LogLine[]; next: string | undefined }>;
type PageQuery = LogQuery & Readonly<{ untilMs?: number; token: string | undefined }>;

async function readPage(send: SendCall, query: PageQuery): Promise<LogPage> {
  const { events = [], nextToken } = await send(planPage(query));
  const lines = (events as readonly Event[]).map(({ eventId, timestamp, logStreamName, message }) => ({
    ...{ id: eventId, atMs: timestamp, stream: logStreamName, message: message.replace(/\r?\n$/, "") },
  }));
  return { lines, next: nextToken as string | undefined };
}

type Event = Readonly<{ eventId: string; timestamp: number; logStreamName: string; message: string }>;

function planPage({ endpointName, sinceMs, filter, untilMs, token }: PageQuery): PlannedCall {
  const input = {
    logGroupName: toLogGroupName(endpointName),
    startTime: Math.max(0, Math.floor(sinceMs)),
    ...(untilMs === undefined ? {} : { endTime: Math.floor(untilMs) }),
    ...(filter === null ? {} : { filterPattern: filter }),
    ...(token === undefined ? {} : { nextToken: token }),
  };
  return { service: "logs", operation: "FilterLogEvents", input };
}
