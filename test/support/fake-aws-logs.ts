import { AwsError } from "./fake-aws-error.js";

type Input = Readonly<Record<string, unknown>>;

/** One line that a container printed. */
export type FakeLogEvent = Readonly<{
  eventId: string;
  timestamp: number;
  logStreamName: string;
  message: string;
}>;

const pageSize = 3;

/** FilterLogEvents: by time, oldest first, in small pages of which the first is empty, as AWS's may be. */
export function answerLogEvents(groups: ReadonlyMap<string, readonly FakeLogEvent[]>, input: Input): Input {
  const { startTime = 0, endTime = Infinity, filterPattern = "", nextToken } = input;
  const all = groups.get(String(input.logGroupName));
  if (all === undefined) throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
  if (nextToken === undefined) return { events: [], nextToken: "0" };
  const found = all
    .filter(({ timestamp, message }) => {
      const isInTime = timestamp >= Number(startTime) && timestamp <= Number(endTime);
      return isInTime && message.includes(String(filterPattern));
    })
    .toSorted((a, b) => a.timestamp - b.timestamp);
  const next = Number(nextToken) + pageSize;
  const events = found.slice(Number(nextToken), next);
  return { events, ...(next < found.length ? { nextToken: String(next) } : {}) };
}
