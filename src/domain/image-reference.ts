import type { Parsed } from "./parsed.js";

/** Where a picture is to be fetched from. `key` is as it stands: nothing in it is decoded. */
export type ImageReference =
  | Readonly<{ kind: "s3"; bucket: string; key: string }>
  | Readonly<{ kind: "url"; url: string }>;

/** S3's own limit on a key, in bytes of UTF-8. */
const maxKeyBytes = 1024;
/** What browsers and proxies agree to carry. */
const maxUrlCharacters = 2048;

/**
 * `s3://bucket/key`, split at the first slash after the bucket as V4 did: `a%20b.jpg` and `a b.jpg` are two keys, and a
 * `?` is part of one. Keys that some servers would rewrite, with `.` or `..` between slashes, are none.
 */
export function parseS3Reference(text: string): Parsed<ImageReference> {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(text) ?? [];
  if (bucket === undefined || key === undefined) return { problems: ["needs to be s3://bucket/key"] };
  const isPlain = !/\p{Cc}|\p{Cs}/u.test(key) && key.split("/").every((part) => part !== "." && part !== "..");
  if (isPlain && new TextEncoder().encode(key).length <= maxKeyBytes) return { value: { kind: "s3", bucket, key } };
  return { problems: [`a key has no control characters, no . or .. as a part and at most ${maxKeyBytes} bytes`] };
}

/** An absolute http or https URL without user and password. Which hosts may be asked is not said here. */
export function parseUrlReference(text: string): Parsed<ImageReference> {
  if (text.length > maxUrlCharacters) return { problems: [`a URL has at most ${maxUrlCharacters} characters`] };
  if (!URL.canParse(text)) return { problems: ["needs to be an absolute URL"] };
  const { protocol, username, password } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return { problems: ["needs to be an https URL"] };
  if (username !== "" || password !== "") return { problems: ["a URL must not name a user or password"] };
  return { value: { kind: "url", url: text } };
}
