import type { FlagReader } from "./spec-flags.js";

/** The days that CloudWatch Logs takes up to two years, as words. */
const days = "1 3 5 7 14 30 60 90 120 150 180 365 400 545 731".split(" ");

/** `--log-retention-days`: how long lines are kept, 30 days unless somebody says otherwise. */
export function readLogRetention(reader: FlagReader): number {
  return Number(reader.oneOf("log-retention-days", "30", days));
}
