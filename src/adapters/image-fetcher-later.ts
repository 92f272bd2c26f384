import { ServiceError } from "../domain/errors.js";

/** When a host says that it may be asked again: its `Retry-After`, and what it takes the time to be. */
export type AskedLater = Readonly<{ retryAfter: string; date: string | undefined }>;

/** Replies with these two say it of themselves; with another status the header means something else. */
const busyStatuses: readonly number[] = [429, 503];

const later = Symbol("when to ask again");

type Headers = Readonly<Partial<Record<"retry-after" | "date", string | undefined>>>;

/** The cause of a host's refusal, or none. It is no detail: a live request neither waits for a host nor passes its word on. */
export function toRefusalCause(status: number, headers: Headers): Error | undefined {
  const retryAfter = headers["retry-after"];
  if (retryAfter === undefined || !busyStatuses.includes(status)) return undefined;
  const asked: AskedLater = { retryAfter, date: headers.date };
  return Object.assign(new Error("the host asks to be left alone for a while"), { [later]: asked });
}

/** When the host of a failed fetch wants to be asked again, or null where it did not say. */
export function findAskedLater(error: unknown): AskedLater | null {
  const cause = error instanceof ServiceError ? error.cause : undefined;
  return (cause as Readonly<Partial<Record<typeof later, AskedLater>>> | undefined)?.[later] ?? null;
}
