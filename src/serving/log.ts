/** What a log line holds beside its event. Never a picture, a body or a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One line per call; `event` is a noun and a verb in the past, such as `request_finished`. */
export type Log = Readonly<Record<"debug" | "info" | "warn" | "error", (event: string, fields?: LogFields) => void>>;
