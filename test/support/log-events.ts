import type { FakeLogEvent } from "./fake-aws-logs.js";

/** Events of one container, named by what it printed, at so many milliseconds since 1970. */
export function logEvents(lines: Readonly<Record<string, number>>, stream = "AllTraffic/i-1"): readonly FakeLogEvent[] {
  return Object.entries(lines).map(([message, timestamp]) => ({
    ...{ eventId: `${stream} ${message}`, timestamp, logStreamName: stream, message: `${message}\n` },
  }));
}
