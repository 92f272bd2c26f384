import { createAddressGuard } from "../../src/adapters/address-guard.js";
import { createImageFetcher, type ImageFetcherParts } from "../../src/adapters/image-fetcher.js";
import { hostRules, s3Rules } from "../../src/config-references.js";
import type { ImageReference } from "../../src/domain/image-reference.js";
import { isPublicAddress } from "../../src/domain/public-address.js";

export type FetcherSketch = Readonly<{
  hosts?: string;
  folders?: string;
  /** Name to addresses; asked names are noted in `lookedUp`. */
  names?: (name: string) => readonly string[];
  lookedUp?: string[];
  claim?: (bytes: number) => void;
}> &
  Partial<Pick<ImageFetcherParts, "maxBytes" | "timeoutMs" | "trusted" | "readS3Object">>;

/** Nobody listens there. */
export const deafAddress = "127.0.0.9";

/** Every name is on loopback, and 127.0.0.1 and its deaf neighbor, alone of all that is not public, may be connected to. */
export function aFetcher(sketch: FetcherSketch) {
  const { hosts, folders, names = () => ["127.0.0.1"], lookedUp = [], trusted } = sketch;
  const fetchImage = createImageFetcher({
    hosts: hosts === undefined ? [] : valueFrom(hostRules(hosts)),
    folders: folders === undefined ? [] : valueFrom(s3Rules(folders)),
    maxBytes: sketch.maxBytes ?? 1_000_000,
    timeoutMs: sketch.timeoutMs ?? 20_000,
    guardAddress: createAddressGuard({
      isAllowed: (address) => ["127.0.0.1", deafAddress].includes(address) || isPublicAddress(address),
      resolve: async (name) => {
        lookedUp.push(name);
        return names(name);
      },
    }),
    readS3Object: sketch.readS3Object ?? (() => Promise.reject(new Error("nobody reads S3 here"))),
    ...(trusted === undefined ? {} : { trusted }),
  });
  return (reference: string | ImageReference, signal = new AbortController().signal) =>
    fetchImage(
      typeof reference === "string" ? { kind: "url", url: reference } : reference,
      signal,
      sketch.claim ?? (() => {}),
    );
}

/** The error of a fetch that fails, with its code; none of the details may give anything away. */
export async function failureOf(fetching: Promise<unknown>): Promise<unknown> {
  const outcome = await fetching.then(
    (value) => new Error(`fetched ${String(value)}`),
    (error) => error,
  );
  const shown = JSON.stringify(outcome.details ?? {});
  if (/127\.0|169\.254|AKIA|secret|ECONN|<|\bat\b/i.test(shown)) throw new Error(`it shows ${shown}`);
  return outcome;
}

function valueFrom<T>(parsed: Readonly<{ value: T }> | Readonly<{ must: string }>): T {
  if ("must" in parsed) throw new Error(`must be ${parsed.must}`);
  return parsed.value;
}
