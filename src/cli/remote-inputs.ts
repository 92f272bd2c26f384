import type { BuildOptions } from "../../catalog/build-catalog.js";
import { openDownloads } from "../../catalog/downloads.js";
import { createS3Pictures, fetchS3Object } from "../../catalog/s3-pictures.js";
import type { S3Place } from "../../deploy/s3-uri.js";
import { openS3Folder, type S3Folder } from "../adapters/s3-folder.js";
import type { BuildPlaces } from "./catalog-places.js";

export type BuildInputs = Pick<BuildOptions, "source" | "itemsFile" | "itemsName">;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Does work with a build's inputs, wherever they are; what was opened for them is closed when it is done.
 * @throws Error with one line where they cannot be had; the signal's reason; whatever `work` throws
 */
export async function withInputs<T>(
  { remote, itemsFile }: Pick<BuildPlaces, "remote" | "itemsFile">,
  { env, signal }: Readonly<{ env: Environment; signal: AbortSignal }>,
  work: (inputs: BuildInputs) => Promise<T>,
): Promise<T> {
  if (remote === null) return work({ itemsFile });
  const s3 = await openS3Folder(toS3Settings(env));
  try {
    const parts = { s3, downloads: openDownloads(remote.downloadsFolder), signal };
    const source = remote.images === null ? null : createS3Pictures({ ...parts, place: remote.images });
    if (remote.items === null) return await work({ source, itemsFile });
    const itemsName = `s3://${remote.items.bucket}/${remote.items.key}`;
    return await work({ source, itemsFile: await fetchItems(remote.items, parts), itemsName });
  } finally {
    s3.close();
  }
}

type Parts = Readonly<{ s3: S3Folder; downloads: ReturnType<typeof openDownloads>; signal: AbortSignal }>;

async function fetchItems({ bucket, key }: S3Place, parts: Parts): Promise<string> {
  const fetched = await fetchS3Object(await parts.s3.find(bucket, key, parts.signal), parts);
  if ("refusal" in fetched) throw new Error(`s3://${bucket}/${key} cannot be read: ${fetched.refusal}`);
  return fetched.file;
}

/** What an S3 client needs beyond what the SDK finds by itself: another address than AWS's has its buckets in the path. */
export function toS3Settings(env: Environment): Readonly<{ endpoint?: string; forcePathStyle?: true }> {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  return endpoint ? { endpoint, forcePathStyle: true } : {};
}
