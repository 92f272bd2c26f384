import { ServiceError } from "../domain/errors.js";
import { type ImageReference, parseUrlReference } from "../domain/image-reference.js";
import { type HostRule, isAllowedObject, isAllowedUrl, type S3Rule } from "../domain/image-reference-rules.js";
import type { GuardAddress } from "./address-guard.js";
import { type ClaimBytes, collectImage } from "./image-fetcher-bytes.js";
import { type HttpReply, withHttpReply } from "./image-fetcher-http.js";
import { toRefusalCause } from "./image-fetcher-later.js";
import { withTimeLimit } from "./image-fetcher-time.js";
import type { ReadS3Object } from "./s3-objects.js";

/** How references are followed. An empty list means that there are none of that kind. */
export type ImageFetcherParts = Readonly<{
  hosts: readonly HostRule[];
  folders: readonly S3Rule[];
  maxBytes: number;
  /** For everything from the first look-up of a name to the last byte. */
  timeoutMs: number;
  guardAddress: GuardAddress;
  readS3Object: ReadS3Object;
  /** PEM certificates to trust instead of Node's own. */
  trusted?: string;
}>;

/** A picture's usual trail is none or one, to a CDN; the third is spare. */
const maxRedirects = 3;

/** `claim` is told of memory before it is taken. */
export type FetchBytes = (reference: ImageReference, signal: AbortSignal, claim: ClaimBytes) => Promise<Uint8Array>;

/** Fetches what the lists allow, and nothing else. @throws ServiceError `reference_*` | `image_undecodable`; the signal's reason */
export function createImageFetcher(parts: ImageFetcherParts): FetchBytes {
  return (reference, signal, claim) => {
    return withTimeLimit(signal, parts.timeoutMs, async (limited) => {
      const fetch = { ...parts, claim, signal: limited };
      if (reference.kind === "url") return fetchUrl(fetch, new URL(reference.url));
      requireAllowedObject(reference, parts.folders);
      return parts.readS3Object(reference, fetch);
    });
  };
}

type Fetch = ImageFetcherParts & Readonly<{ claim: ClaimBytes; signal: AbortSignal }>;

async function fetchUrl(fetch: Fetch, first: URL): Promise<Uint8Array> {
  if (fetch.hosts.length === 0) throw new ServiceError("reference_disabled", { option: "image_url" });
  let url = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const arrived = await visit(fetch, url);
    if (!(arrived instanceof URL)) return arrived;
    url = arrived;
  }
  throw notAllowed(`there were more than ${maxRedirects} redirects`);
}

/** The picture, or where to look next. Every stop is checked as if it were the first. */
async function visit(fetch: Fetch, url: URL): Promise<Uint8Array | URL> {
  const { hosts, guardAddress, trusted, signal } = fetch;
  if (!isAllowedUrl(url, hosts)) throw notAllowed("the host is not on the list");
  const addresses = await guardAddress(url.hostname, signal);
  try {
    return await withHttpReply({ url, addresses, trusted }, signal, async (reply) => {
      return redirectOf(reply, url) ?? readPicture(reply, fetch);
    });
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError("reference_unreachable", { reason: "the connection failed" }, error);
  }
}

function redirectOf({ status, headers }: HttpReply, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null;
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, from.href)) throw notAllowed("a redirect led nowhere");
  const next = new URL(location, from.href);
  const parsed = parseUrlReference(next.href);
  if ("problems" in parsed) throw notAllowed(`a redirect was refused: ${parsed.problems[0]}`);
  return next;
}

/** @throws ServiceError `reference_not_found` | `reference_unreachable`, and as `collectImage` */
async function readPicture({ status, headers, body }: HttpReply, fetch: Fetch): Promise<Uint8Array> {
  const length = headers["content-length"];
  if (status === 200) {
    const declaredBytes = length === undefined ? null : Number(length);
    return collectImage(body, { maxBytes: fetch.maxBytes, claim: fetch.claim, declaredBytes });
  }
  // Too early, too often, too slow: the same request may do better later. Any other 4xx will not.
  const isPassing = status < 400 || status >= 500 || [408, 425, 429].includes(status);
  throw new ServiceError(
    isPassing ? "reference_unreachable" : "reference_not_found",
    { status },
    toRefusalCause(status, headers),
  );
}

function requireAllowedObject(reference: Extract<ImageReference, { kind: "s3" }>, folders: readonly S3Rule[]): void {
  if (folders.length === 0) throw new ServiceError("reference_disabled", { option: "image_s3_uri" });
  if (!isAllowedObject(reference, folders)) throw notAllowed("the bucket or folder is not on the list");
}

function notAllowed(reason: string): ServiceError {
  return new ServiceError("reference_not_allowed", { reason });
}
