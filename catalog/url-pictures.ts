import type { FetchBytes } from "../src/adapters/image-fetcher.js";
import { findAskedLater } from "../src/adapters/image-fetcher-later.js";
import { ServiceError } from "../src/domain/errors.js";
import { parseUrlReference } from "../src/domain/image-reference.js";
import { type HostRule, isAllowedUrl } from "../src/domain/image-reference-rules.js";
import type { Downloads } from "./downloads.js";
import type { PictureSource } from "./picture-source.js";
import { longestWaitMs, toWaitMs } from "./retry-after.js";

export type UrlPicturesParts = Readonly<{
  /** Pictures that are no URLs. */
  others: PictureSource;
  /** Whom to ask; the fetcher has the same list. */
  hosts: readonly HostRule[];
  fetchImage: FetchBytes;
  downloads: Downloads;
  /** @throws the signal's reason */
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds since 1970. */
  epochMs: () => number;
}>;

/** A host is asked as a few visitors would, whatever the machine could do. */
const fetchesAtOnce = 8;
/** Seven seconds of patience: a host that restarts is back by then. */
const pausesMs = [1000, 2000, 4000] as const;
/** So many in a row, and it is the host that is gone, not a picture. */
const mostMissesInARow = 20;

/**
 * Pictures by the URLs of their items beside those of another source. A URL is fetched once, and again only after its
 * file is gone from the downloads; what cannot be had after some tries is a picture's refusal. A host that says when it
 * may be asked again is left alone until then, for all its pictures, but never for longer than `longestWaitMs` at a time.
 */
export function createUrlPictures(parts: UrlPicturesParts): PictureSource {
  const { others, hosts, fetchImage, downloads, sleep, epochMs } = parts;
  const inTurn = createTurns(fetchesAtOnce);
  const missesInARow = new Map<string, number>();
  const busyUntil = new Map<string, number>();

  /** Nobody waits longer than a host may ask for, though the clock is set back meanwhile. */
  const busyMs = (host: string) => Math.min((busyUntil.get(host) ?? 0) - epochMs(), longestWaitMs);

  async function fetchPatiently(url: string, signal: AbortSignal): Promise<Uint8Array> {
    const { host } = new URL(url);
    for (let attempt = 0, pauseMs = busyMs(host); ; attempt += 1) {
      if (pauseMs > 0) await sleep(pauseMs, signal);
      try {
        return await fetchImage({ kind: "url", url }, signal, () => {});
      } catch (error) {
        const asked = findAskedLater(error);
        if (asked !== null)
          busyUntil.set(host, Math.max(busyUntil.get(host) ?? 0, epochMs() + toWaitMs(asked, epochMs())));
        const usualMs = pausesMs[attempt];
        if (!isPassing(error) || usualMs === undefined) throw error;
        pauseMs = Math.max(usualMs, busyMs(host));
      }
    }
  }

  async function fetchOrRefuse(url: string, signal: AbortSignal): Promise<Uint8Array | string> {
    const { host } = new URL(url);
    try {
      const bytes = await fetchPatiently(url, signal);
      missesInARow.set(host, 0);
      return bytes;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ServiceError)) throw error;
      const misses = isPassing(error) ? (missesInARow.get(host) ?? 0) + 1 : 0;
      missesInARow.set(host, misses);
      if (misses < mostMissesInARow) return toRefusal(error);
      const again = "the same command again takes up where it was";
      throw new Error(`${host} is gone: ${misses} pictures in a row were ${toRefusal(error)}; ${again}`, {
        cause: error,
      });
    }
  }

  return {
    scan: others.scan,
    takeUrl: (url) => {
      const parsed = parseUrlReference(url);
      if ("problems" in parsed) return `its image_url cannot be fetched: ${parsed.problems[0]}`;
      return isAllowedUrl(new URL(url), hosts)
        ? null
        : `its image_url is at ${new URL(url).host}, which may not be asked`;
    },
    find: async (item, signal) => {
      const url = item.path;
      if (!isUrl(url)) return others.find(item, signal);
      const fetched = await downloads.fetch(url, (file) =>
        inTurn(async () => {
          const bytes = await fetchOrRefuse(url, signal);
          if (typeof bytes === "string") return bytes;
          await file.writeFile(bytes);
          return null;
        }),
      );
      return { item, ...fetched };
    },
  };
}

/** No file of a folder is called so: its path would have two slashes together. */
function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

/** Later it may be otherwise. */
function isPassing(error: unknown): boolean {
  return error instanceof ServiceError && ["reference_unreachable", "reference_timeout"].includes(error.code);
}

function toRefusal({ code, message, details }: ServiceError): string {
  const { status, reason, limit_bytes: bytes, limit_ms: ms } = details;
  if (code === "image_undecodable") return "not fetched: what came is no picture";
  if (bytes !== undefined) return `not fetched: more than ${bytes} bytes`;
  if (ms !== undefined) return `not fetched: nothing whole within ${ms} ms`;
  return `not fetched: ${status === undefined ? (reason ?? message) : `status ${status}`}`;
}

/** Runs so much work at once and no more, in the order in which it was asked for. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
