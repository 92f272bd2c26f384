import { type DestinationStream, pino } from "pino";
import type { Log } from "../serving/log.js";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Log lines as JSON, one a line, to stdout unless told otherwise; written before the call returns. */
export function createJsonLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    messageKey: "event",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  const write = (each: "debug" | "info" | "warn" | "error"): Log["info"] => {
    return (event, fields = {}) => logger[each](fields, event);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
