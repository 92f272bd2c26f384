import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { GetObjectCommandOutput, S3ClientConfig } from "@aws-sdk/client-s3";

/** An object as a listing names it. The tag changes with every content. */
export type S3Object = Readonly<{ bucket: string; key: string; tag: string; bytes: number }>;

export type S3Folder = Readonly<{
  /** Every object whose key begins with `prefix`, by key. @throws Error with one line; the signal's reason */
  list: (bucket: string, prefix: string, signal: AbortSignal) => AsyncGenerator<S3Object>;
  /** One object by its key. @throws Error with one line; the signal's reason */
  find: (bucket: string, key: string, signal: AbortSignal) => Promise<S3Object>;
  /**
   * Writes just that content into a file, held against what S3 says of it. Null, or why this object cannot be read.
   * @throws Error with one line, as when it was replaced meanwhile or came damaged; the signal's reason
   */
  fetch: (object: S3Object, file: FileHandle, signal: AbortSignal) => Promise<string | null>;
  close: () => void;
}>;

const connectionTimeoutMs = 5000;
/** Longer than a busy S3 takes for its first byte. */
const silenceMs = 60_000;
const maxAttempts = 5;

/** Reads with the process's own identity and from whatever region the bucket says it is in. `settings` are the client's. */
export async function openS3Folder(settings: S3ClientConfig = {}): Promise<S3Folder> {
  const { GetObjectCommand, HeadObjectCommand, S3Client, paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  const requestHandler = { connectionTimeout: connectionTimeoutMs, socketTimeout: silenceMs };
  const client = new S3Client({
    ...{ followRegionRedirects: true, maxAttempts, retryMode: "standard", requestHandler },
    ...settings,
  });
  return {
    list: async function* (bucket, prefix, signal) {
      const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }, { abortSignal: signal });
      try {
        for await (const { Contents = [] } of pages) {
          for (const { Key = "", ETag = "", Size = 0 } of Contents) yield { bucket, key: Key, tag: ETag, bytes: Size };
        }
      } catch (error) {
        signal.throwIfAborted();
        throw new Error(`s3://${bucket}/${prefix} cannot be listed: ${toReason(error)}`, { cause: error });
      }
    },
    find: async (bucket, key, signal) => {
      try {
        const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        return { bucket, key, tag: head.ETag ?? "", bytes: head.ContentLength ?? 0 };
      } catch (error) {
        signal.throwIfAborted();
        throw new Error(`s3://${bucket}/${key} cannot be read: ${toReason(error)}`, { cause: error });
      }
    },
    fetch: async ({ bucket, key, tag, bytes }, file, signal) => {
      const command = new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: tag, ChecksumMode: "ENABLED" });
      for (let attempt = 1; ; attempt += 1) {
        try {
          const output = await client.send(command, { abortSignal: signal });
          return await writeVerified(output, { bucket, tag, bytes }, file);
        } catch (error) {
          signal.throwIfAborted();
          if ((error as Error).name === "InvalidObjectState") return "archived in S3";
          // The SDK tries a call again, but not a body that was cut off.
          if (attempt < maxAttempts && isPassing(error)) continue;
          throw new Error(`s3://${bucket}/${key} cannot be fetched: ${toReason(error)}`, { cause: error });
        }
      }
    },
    close: () => client.destroy(),
  };
}

/** Its bytes into the file from the beginning, as many as listed and, where the tag is their MD5, just those. */
async function writeVerified(
  output: GetObjectCommandOutput,
  { bucket, tag, bytes }: Pick<S3Object, "bucket" | "tag" | "bytes">,
  file: FileHandle,
): Promise<null> {
  const body = output.Body as Readable | undefined;
  if (body === undefined) throw new Error("S3 answered without a body");
  const hash = createHash("md5");
  let at = 0;
  await file.truncate(0);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await file.write(chunk, 0, chunk.length, at);
      at += chunk.length;
    }
  } finally {
    body.on("error", () => {}).destroy();
  }
  if (at !== bytes) throw new Error(`${at} bytes came of ${bytes}`);
  const expected = isDirectoryBucket(bucket) ? null : md5Of(output, tag);
  if (expected !== null && hash.digest("hex") !== expected) throw new Error("it came damaged: its MD5 is another");
  return null;
}

/** The tag is the content's MD5 where the object was put in one piece and not encrypted with a key of somebody's own. */
function md5Of({ ServerSideEncryption, SSECustomerAlgorithm }: GetObjectCommandOutput, tag: string): string | null {
  const isPlain = SSECustomerAlgorithm === undefined && [undefined, "AES256"].includes(ServerSideEncryption);
  return isPlain ? (/^"?([0-9a-f]{32})"?$/.exec(tag)?.[1] ?? null) : null;
}

/** S3 Express One Zone: tags are of a kind of their own there. */
function isDirectoryBucket(bucket: string): boolean {
  return bucket.endsWith("--x-s3");
}

type SdkError = Error & Readonly<{ $metadata?: Readonly<{ httpStatusCode?: number }> }>;

/** S3 has answered, and the answer or its body is at fault. */
function isPassing(error: unknown): boolean {
  const status = (error as SdkError).$metadata?.httpStatusCode;
  return status === undefined && (error as Error).name !== "CredentialsProviderError";
}

/** S3's own words in one line. */
function toReason(error: unknown): string {
  const { name, message, $metadata } = error as SdkError;
  if ($metadata?.httpStatusCode === 412)
    return "it was replaced since it was listed; the same command again takes the new one";
  const words = name === message || name === "Error" ? message : `${name}: ${message}`;
  return words.replace(/\s*\n\s*/g, " ");
}
