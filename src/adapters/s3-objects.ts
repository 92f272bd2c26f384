import type { Readable } from "node:stream";
import type { GetObjectCommandOutput, S3ClientConfig } from "@aws-sdk/client-s3";
import { ServiceError } from "../domain/errors.js";
import type { ImageReference } from "../domain/image-reference.js";
import { type ClaimBytes, collectImage } from "./image-fetcher-bytes.js";

export type S3Reference = Extract<ImageReference, { kind: "s3" }>;

export type ReadLimits = Readonly<{ maxBytes: number; claim: ClaimBytes; signal: AbortSignal }>;

/** A picture in S3. @throws ServiceError as `createS3Reader` says; the signal's reason */
export type ReadS3Object = (reference: S3Reference, limits: ReadLimits) => Promise<Uint8Array>;

export type S3Reader = Readonly<{ read: ReadS3Object; close: () => void }>;

/** Short against the time limit of a whole fetch, so that a second try fits in. */
const connectionTimeoutMs = 2000;
const silenceMs = 5000;

/**
 * Reads with the process's own identity (the SDK's usual chain) and from whatever region the bucket says it is in.
 * The SDK, 21 MB and a tenth of a second, is loaded here and not before.
 * @throws ServiceError `reference_not_found` | `reference_too_large` | `reference_unreachable` | `image_undecodable`
 */
export async function createS3Reader(settings: S3ClientConfig = {}): Promise<S3Reader> {
  const { GetObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({
    followRegionRedirects: true,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: connectionTimeoutMs, socketTimeout: silenceMs },
    ...settings,
  });
  return {
    read: async ({ bucket, key }, { maxBytes, claim, signal }) => {
      let body: Readable | undefined;
      try {
        const output = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        body = bodyOf(output);
        return await collectImage(body, { maxBytes, claim, declaredBytes: output.ContentLength ?? null });
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof ServiceError ? error : toServiceError(error);
      } finally {
        body?.on("error", () => {}).destroy();
      }
    },
    close: () => client.destroy(),
  };
}

/** In Node the SDK's body is a readable stream, whatever else its type allows for. */
function bodyOf({ Body }: GetObjectCommandOutput): Readable {
  if (Body === undefined) throw new Error("S3 answered without a body");
  return Body as Readable;
}

/** Errors of our own identity, which is the operator's business: S3 answers 400 and 403 to them. */
const identityErrors = /^(Expired|Invalid)Token|^InvalidAccessKeyId$|^SignatureDoesNotMatch$|^RequestTimeTooSkewed$/;

/** S3 says 403 for what is not there, too, where listing is not permitted. Anything else may pass. */
function toServiceError(error: unknown): ServiceError {
  const { name, $metadata } = error as Error & Readonly<{ $metadata?: Readonly<{ httpStatusCode?: number }> }>;
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return new ServiceError("reference_unreachable", { reason: "S3 was not reached" }, error);
  const isFinal = (status === 404 || status === 403) && !identityErrors.test(name);
  return new ServiceError(isFinal ? "reference_not_found" : "reference_unreachable", { status }, error);
}
