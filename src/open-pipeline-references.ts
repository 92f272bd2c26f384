import { createAddressGuard, createDnsResolver } from "./adapters/address-guard.js";
import { createImageFetcher } from "./adapters/image-fetcher.js";
import { createS3Reader, type S3Reader } from "./adapters/s3-objects.js";
import type { ServerConfig } from "./config.js";
import { isPublicAddress } from "./domain/public-address.js";
import type { FetchImage } from "./pipeline.js";
import { type Backlog, toOverloaded } from "./serving/backlog.js";
import { createBudget } from "./serving/budget.js";

export type ReferenceOptions = Readonly<{ backlog: () => Backlog }> &
  Pick<ServerConfig, "allowedImageHosts" | "allowedS3Prefixes" | "maxReferenceBytes" | "referenceTimeoutMs">;

export type References = Readonly<{ fetchImage: FetchImage; close: () => Promise<void> }>;

/** Many pictures of a usual size, a few of the largest: 200 MiB by default. */
const largestAtOnce = 8;

/** Follows references to what the operator allows; what S3 needs is loaded only where a bucket is allowed. */
export async function openReferences(options: ReferenceOptions): Promise<References> {
  const { allowedImageHosts: hosts, allowedS3Prefixes: folders, maxReferenceBytes: maxBytes, backlog } = options;
  const s3: S3Reader | null = folders === null ? null : await createS3Reader();
  const fetchBytes = createImageFetcher({
    hosts: hosts ?? [],
    folders: folders ?? [],
    maxBytes,
    timeoutMs: options.referenceTimeoutMs,
    guardAddress: createAddressGuard({ resolve: createDnsResolver(), isAllowed: isPublicAddress }),
    readS3Object: s3?.read ?? (() => Promise.reject(new Error("no bucket is allowed"))),
  });
  const limit = largestAtOnce * maxBytes;
  const room = createBudget(limit, () => toOverloaded({ limit_bytes: limit }, backlog()));
  return {
    fetchImage: async (reference, signal, urgency) => {
      // Nobody knows yet how large it is: a job waits until the largest fits, a caller in person takes what comes.
      const hold = urgency === "batch" ? await room.wait(maxBytes, signal) : room.take(0);
      const claim = urgency === "batch" ? () => {} : hold.grow;
      try {
        return { bytes: await fetchBytes(reference, signal, claim), letGo: hold.giveBack };
      } catch (error) {
        hold.giveBack();
        throw error;
      }
    },
    close: async () => s3?.close(),
  };
}
