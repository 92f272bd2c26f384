import { orAbsent, toFailureKind } from "./aws-failure.js";
import type { SendCall } from "./planned-call.js";
import type { S3Place } from "./s3-uri.js";
import type { AwsConnection } from "./send-call.js";
import { digestFile, type FileDigest } from "./upload-digest.js";
import { type ObjectUpload, uploadObject } from "./upload-object.js";

export type UploadParts = Readonly<{
  send: SendCall;
  connection: AwsConnection;
  tell: (line: string) => void;
  progress: ObjectUpload["progress"];
  /** Milliseconds since 1970. */
  epochMs: () => number;
}>;

/** Where a file is now; `same` when it was there before. */
export type Uploaded = Readonly<{ uri: string; bytes: number; sha256: string; outcome: "made" | "same" }>;

/** An upload that began so long ago has ended, whatever has become of it. */
const abandonedAfterMs = 24 * 3_600_000;

/**
 * Puts a model's archive below a folder in S3, by its content: `<folder>/<first 16 of its sha-256>/model.tar.gz`. Where an
 * object of its size and checksum is there already, nothing is sent.
 * @throws the signal's reason; the service's error; Error with one line
 */
export async function uploadModel(parts: UploadParts, file: string, folder: S3Place): Promise<Uploaded> {
  const digest = await digestFile(file);
  return put(parts, file, digest, { bucket: folder.bucket, key: toModelKey(folder.key, digest.sha256) });
}

/** Puts a file at just this place, over whatever is there, unless that is the same. @throws as `uploadModel` */
export async function uploadFile(parts: UploadParts, file: string, place: S3Place): Promise<Uploaded> {
  return put(parts, file, await digestFile(file), place);
}

async function put(parts: UploadParts, file: string, digest: FileDigest, place: S3Place): Promise<Uploaded> {
  const uploaded = { uri: `s3://${place.bucket}/${place.key}`, bytes: digest.bytes, sha256: digest.sha256 };
  if (await isThere(parts.send, place, digest)) return { ...uploaded, outcome: "same" };
  await clearAbandoned(parts, place);
  await uploadObject(parts.connection, { file, digest, place, progress: parts.progress });
  if (await isThere(parts.send, place, digest)) return { ...uploaded, outcome: "made" };
  throw new Error(`${uploaded.uri} is not what was uploaded: somebody else has written there`);
}

/** The key of a model's archive below a folder, which may be the bucket itself. */
export function toModelKey(folder: string, sha256: string): string {
  const base = folder.replace(/\/+$/, "");
  return `${base === "" ? "" : `${base}/`}${sha256.slice(0, 16)}/model.tar.gz`;
}

/** S3 gives checksums only to whoever asks for them. */
async function isThere(send: SendCall, { bucket, key }: S3Place, { bytes, checksum }: FileDigest): Promise<boolean> {
  const input = { Bucket: bucket, Key: key, ChecksumMode: "ENABLED" };
  const found = await orAbsent(send({ service: "s3", operation: "HeadObject", input }));
  return found !== null && found.ContentLength === bytes && found.ChecksumSHA256 === checksum;
}

/** The parts that a killed upload of the same content has left are paid for until somebody takes them away. */
async function clearAbandoned({ send, tell, epochMs }: UploadParts, { bucket, key }: S3Place): Promise<void> {
  const input = { Bucket: bucket, Prefix: key };
  const listed = await send({ service: "s3", operation: "ListMultipartUploads", input }).catch((error: unknown) => {
    if (toFailureKind(error) !== "refused") throw error;
    tell(`unfinished uploads of ${key} are not looked for: s3:ListBucketMultipartUploads is missing`);
    return {};
  });
  const uploads = ((listed as Readonly<{ Uploads?: unknown }>).Uploads ?? []) as readonly Readonly<{
    Key: string;
    UploadId: string;
    Initiated: Date;
  }>[];
  for (const { Key, UploadId, Initiated } of uploads) {
    if (Key !== key || epochMs() - Initiated.getTime() < abandonedAfterMs) continue;
    const abort = {
      service: "s3",
      operation: "AbortMultipartUpload",
      input: { Bucket: bucket, Key, UploadId },
    } as const;
    await orAbsent(send(abort));
    tell(`removed the parts of an upload that began ${Initiated.toISOString()} and never ended`);
  }
}
