import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { InvokeError } from "./invoke-error.js";
import { toPlatformFailure } from "./platform-failure.js";

export type S3Location = Readonly<{ bucket: string; key: string }>;

/** What an asynchronous call needs of S3. */
export type S3Store = Readonly<{
  /** @throws InvokeError; the signal's reason */
  put: (location: S3Location, body: Uint8Array, contentType: string, signal: AbortSignal) => Promise<void>;
  /**
   * The object, or the status with which S3 said that there is none: 404, or 403 where listing is not permitted.
   * @throws InvokeError for anything else; the signal's reason
   */
  get: (location: S3Location, signal: AbortSignal) => Promise<Uint8Array | 403 | 404>;
  close: () => void;
}>;

/** With the process's own identity, in whatever region the bucket is. The SDK is loaded here and not before. */
export async function createS3Store(region: string | undefined, sdk: S3ClientConfig = {}): Promise<S3Store> {
  const { GetObjectCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 30_000 },
    ...sdk,
  });
  return {
    put: async ({ bucket, key }, body, contentType, signal) => {
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType });
      try {
        await client.send(command, { abortSignal: signal });
      } catch (error) {
        signal.throwIfAborted();
        throw toStorageFailure(error, `s3://${bucket}/${key} cannot be written`);
      }
    },
    get: async ({ bucket, key }, signal) => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        signal.throwIfAborted();
        const { name, $metadata } = error as Readonly<{ name: string; $metadata?: { httpStatusCode?: number } }>;
        const status = $metadata?.httpStatusCode;
        // A bucket that is not there, or a key that is none, will not get better by waiting.
        if (status === 404 && name !== "NoSuchBucket") return 404;
        if (status === 403 && /^(AccessDenied|Forbidden|403|UnknownError)$/.test(name)) return 403;
        throw toStorageFailure(error, `s3://${bucket}/${key} cannot be read`);
      }
    },
    close: () => client.destroy(),
  };
}

function toStorageFailure(error: unknown, what: string): InvokeError {
  const failure = toPlatformFailure(error);
  const code = failure.code.startsWith("identity_") ? failure.code : "storage_failed";
  const { status, isRetryable } = failure;
  return new InvokeError({ code, message: `${what}: ${failure.message}`, status, isRetryable, cause: error });
}

/** `s3://bucket/key`, or null when the text is none. */
export function parseS3Location(text: string): S3Location | null {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(text);
  return match === null ? null : { bucket: match[1]!, key: match[2]! };
}

/** Where a file of this name goes within `s3://bucket/folder` or `s3://bucket`; null when the text is neither. */
export function toLocationIn(folder: string, name: string): S3Location | null {
  return parseS3Location(`${folder.replace(/\/+$/, "")}/${name}`);
}
