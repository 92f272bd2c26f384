import { parseS3Location } from "./s3-store.js";
import { maxMessageCharacters } from "./service-failure.js";

/** What the platform announces over SNS of one question to an asynchronous endpoint. */
export type AsyncNotification =
  | Readonly<{
      kind: "completed";
      inferenceId: string;
      outputLocation: string;
      /** The answer itself, where the topic carries it: only of 128 KB or less, and only where asked for. */
      body: Uint8Array | null;
    }>
  | Readonly<{ kind: "failed"; inferenceId: string; reason: string }>
  /** The test of a new topic, or an event that did not exist when this was written: for nobody to act on. */
  | Readonly<{ kind: "other"; eventName: string }>;

/**
 * One message as SQS, HTTP or a function get it, in SNS's envelope or out of it; null when it is none of the platform's.
 * Never throws: whoever may write to the topic chooses the text.
 */
export function parseAsyncNotification(text: string): AsyncNotification | null {
  const outer = parseObject(text);
  const event = typeof outer?.Message === "string" ? parseObject(outer.Message) : outer;
  if (event === null || typeof event.eventName !== "string") return null;
  if (event.eventName !== "InferenceResult") return { kind: "other", eventName: event.eventName };
  const { inferenceId, invocationStatus } = event;
  if (typeof inferenceId !== "string") return null;
  if (invocationStatus === "Failed") {
    const reason = typeof event.failureReason === "string" ? event.failureReason : "no reason was given";
    return { kind: "failed", inferenceId, reason: reason.slice(0, maxMessageCharacters) };
  }
  const outputLocation = toObject(event.responseParameters).outputLocation;
  if (invocationStatus !== "Completed" || typeof outputLocation !== "string") return null;
  if (parseS3Location(outputLocation) === null) return null;
  return { kind: "completed", inferenceId, outputLocation, body: toBody(event.responseBody) };
}

/**
 * Takes messages that may come twice and in any order, and hands on the first of each question.
 * Of so many questions it remembers which it has seen; the oldest are forgotten first.
 */
export function createNotificationReader(remembered = 100_000): (text: string) => AsyncNotification | null {
  const seen = new Set<string>();
  return (text) => {
    const notification = parseAsyncNotification(text);
    if (notification === null || notification.kind === "other") return notification;
    if (seen.has(notification.inferenceId)) return null;
    seen.add(notification.inferenceId);
    for (const oldest of seen) {
      if (seen.size <= remembered) break;
      seen.delete(oldest);
    }
    return notification;
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function toObject(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** Base64 of anything but letters and digits means that the text is not what it says. */
function toBody(value: unknown): Uint8Array | null {
  const { content, encoding } = toObject(value);
  if (typeof content !== "string") return null;
  if (encoding !== "BASE64") return Buffer.from(content);
  return /^[A-Za-z0-9+/]*={0,2}$/.test(content) ? Buffer.from(content, "base64") : null;
}
