import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import type { S3Place } from "./s3-uri.js";
import type { AwsConnection } from "./send-call.js";
import type { FileDigest } from "./upload-digest.js";

export type ObjectUpload = Readonly<{
  file: string;
  digest: FileDigest;
  place: S3Place;
  /** Told how much is in S3. */
  progress: (state: Readonly<{ done: number; total: number }>) => void;
}>;

const maxAttempts = 5;
const connectionTimeoutMs = 5000;
/** A slow line may take minutes for a part, but not without a byte. */
const silenceMs = 60_000;
const partsAtOnce = 4;

/**
 * Puts a file into S3, in parts where it is large, each with its SHA-256, which S3 checks. A part that fails is sent again,
 * five times in all. Whatever ends it, no part of an unfinished upload stays behind; a signal is heard at once.
 * @throws the signal's reason; the service's error; Error when the file is not what it was
 */
export async function uploadObject(
  connection: AwsConnection,
  { file, digest, place, progress }: ObjectUpload,
): Promise<void> {
  const { Upload } = await import("@aws-sdk/lib-storage");
  const client = await openClient(connection);
  try {
    const upload = new Upload({
      client,
      params: {
        ...{ Bucket: place.bucket, Key: place.key, ContentType: "application/gzip", ChecksumAlgorithm: "SHA256" },
        ...{ Body: Readable.from(readUnchanged(file, digest)), ContentLength: digest.bytes },
      },
      ...{ partSize: digest.partBytes, queueSize: partsAtOnce },
    });
    upload.on("httpUploadProgress", ({ loaded = 0 }) => progress({ done: loaded, total: digest.bytes }));
    progress({ done: 0, total: digest.bytes });
    await upload.done();
  } catch (error) {
    connection.signal?.throwIfAborted();
    throw error;
  } finally {
    client.destroy();
  }
}

/**
 * A client whose calls the signal cuts short, for the library does not pass one on. Opening an upload and taking it away
 * are never cut: what was opened must be known to be taken away, and every part that failed ends in that.
 */
async function openClient({ region, endpointUrl, credentials, signal }: AwsConnection): Promise<S3Client> {
  const { AbortMultipartUploadCommand, CreateMultipartUploadCommand, S3Client } = await import("@aws-sdk/client-s3");
  const settings: S3ClientConfig = {
    ...{ region, maxAttempts, retryMode: "standard" },
    requestHandler: { connectionTimeout: connectionTimeoutMs, socketTimeout: silenceMs },
    ...(endpointUrl == null ? {} : { endpoint: endpointUrl, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  const client = new S3Client(settings);
  if (signal === undefined) return client;
  const send = client.send.bind(client);
  const sendCuttable = (command: Parameters<typeof send>[0]) => {
    const isUncut = command instanceof CreateMultipartUploadCommand || command instanceof AbortMultipartUploadCommand;
    return send(command, isUncut ? {} : { abortSignal: signal });
  };
  return Object.assign(client, { send: sendCuttable });
}

/** The file's bytes, the last of them only when all are those that were digested: nothing else is ever completed. */
async function* readUnchanged(file: string, { sha256 }: FileDigest): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let held: Buffer | null = null;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (held !== null) yield held;
    held = chunk;
  }
  if (hash.digest("hex") !== sha256) throw new Error(`${file} changed while it was read`);
  if (held !== null) yield held;
}
