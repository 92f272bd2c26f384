import { ServiceError } from "../src/domain/errors.js";
import { parseUrlReference } from "../src/domain/image-reference.js";
import { type HostRule, isAllowedUrl } from "../src/domain/image-reference-rules.js";
import type { Downloads } from "./downloads.js";
import { createPatientFetch, isPassing, type PatientFetchParts } from "./patient-fetch.js";
import type { PictureSource } from "./picture-source.js";

export type UrlPicturesParts = PatientFetchParts &
  Readonly<{
    /** Pictures that are no URLs. */
    others: PictureSource;
    /** Whom to ask; the fetcher has the same list. */
    hosts: readonly HostRule[];
    downloads: Downloads;
  }>;

/** A host is asked as a few visitors would, whatever the machine could do. */
const fetchesAtOnce = 8;
/** So many in a row, and it is the host that is gone, not a picture. */
const mostMissesInARow = 20;

/**
 * Pictures by the URLs of their items beside those of another source. A URL is fetched once, and again only after its
 * file is gone from the downloads; what cannot be had after some tries is a picture's refusal.
 */
export function createUrlPictures(parts: UrlPicturesParts): PictureSource {
  const { others, hosts, downloads } = parts;
  const inTurn = createTurns(fetchesAtOnce);
  const missesInARow = new Map<string, number>();
  const fetchPatiently = createPatientFetch(parts);

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
