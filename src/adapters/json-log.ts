import { type DestinationStream, pino } from "pino";
import type { Redact } from "../domain/secrets.js";
import type { Log, LogFields } from "../serving/log.js";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export type JsonLogOptions = Readonly<{
  level: LogLevel;
  /** On every line. */
  fields?: LogFields;
  /** Has the last word on what a line says. */
  redact?: Redact;
  /** By default stdout. */
  destination?: DestinationStream;
}>;

/** Log lines as JSON, one a line; written before the call returns. */
export function createJsonLog({ level, fields = {}, redact, destination }: JsonLogOptions): Log {
  const options = {
    level,
    base: fields,
    messageKey: "event",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    ...(redact === undefined ? {} : { hooks: { streamWrite: redact } }),
  };
  const logger = pino(options, destination ?? openStdout());
  const write = (each: "debug" | "info" | "warn" | "error"): Log["info"] => {
    return (event, more = {}) => logger[each](more, event);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** Stdout for whole lines; whoever shares it with the log cannot cut a line of the log in two. */
export function openStdout(): DestinationStream {
  return pino.destination({ dest: 1, sync: true });
}
