import type { Log, LogFields } from "../../src/serving/log.js";

export type LogLine = Readonly<{ level: keyof Log; event: string; fields: LogFields }>;

/** A log that keeps its lines. */
export function captureLog(): Readonly<{ log: Log; lines: LogLine[] }> {
  const lines: LogLine[] = [];
  const write =
    (level: keyof Log) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields });
  return { log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") }, lines };
}
