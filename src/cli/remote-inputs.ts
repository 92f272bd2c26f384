import { setTimeout as pause } from "node:timers/promises";
import type { BuildOptions } from "../../catalog/build-catalog.js";
import { type Downloads, openDownloads } from "../../catalog/downloads.js";
import { createFolderPictures, type PictureSource } from "../../catalog/picture-source.js";
import { createS3Pictures, fetchS3Object } from "../../catalog/s3-pictures.js";
import { createUrlPictures } from "../../catalog/url-pictures.js";
import type { S3Place } from "../../deploy/s3-uri.js";
import { createAddressGuard, createDnsResolver } from "../adapters/address-guard.js";
import { createImageFetcher } from "../adapters/image-fetcher.js";
import { openS3Folder, type S3Folder } from "../adapters/s3-folder.js";
import { isPublicAddress } from "../domain/public-address.js";
import { epochMs } from "../serving/clock.js";
import type { InputPlaces, RemoteInputs } from "./catalog-places.js";

/** As the server's own for pictures by reference. */
const maxImageBytes = 25 * 2 ** 20;
/** Longer than the server's: nobody waits for an answer. */
const fetchTimeoutMs = 30_000;

export type BuildInputs = Pick<BuildOptions, "source" | "itemsFile" | "itemsName">;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Does work with pictures and items, wherever they are; what was opened for them is closed when it is done.
 * @throws Error with one line where they cannot be had; the signal's reason; whatever `work` throws
 */
export async function withInputs<T>(
  { remote, imagesFolder, itemsFile }: InputPlaces,
  { env, signal }: Readonly<{ env: Environment; signal: AbortSignal }>,
  work: (inputs: BuildInputs) => Promise<T>,
): Promise<T> {
  if (remote === null) return work({ itemsFile });
  const isInS3 = (remote.images ?? remote.items) !== null;
  const s3 = isInS3 ? await openS3Folder(toS3Settings(env)) : null;
  try {
    const parts = { s3, downloads: openDownloads(remote.downloadsFolder), signal };
    const source = toSource(remote, imagesFolder, parts);
    if (remote.items === null) return await work({ source, itemsFile });
    const itemsName = `s3://${remote.items.bucket}/${remote.items.key}`;
    return await work({ source, itemsFile: await fetchItems(remote.items, parts), itemsName });
  } finally {
    s3?.close();
  }
}

type Parts = Readonly<{ s3: S3Folder | null; downloads: Downloads; signal: AbortSignal }>;

function toSource({ images, hosts, hasFolder }: RemoteInputs, imagesFolder: string, parts: Parts): PictureSource {
  const { s3, downloads, signal } = parts;
  const onDisk = hasFolder ? createFolderPictures(imagesFolder) : noPictures;
  const others = images === null ? onDisk : createS3Pictures({ s3: s3!, downloads, signal, place: images });
  if (hosts === null) return others;
  const fetchImage = createImageFetcher({
    ...{ hosts, folders: [], maxBytes: maxImageBytes, timeoutMs: fetchTimeoutMs },
    guardAddress: createAddressGuard({ resolve: createDnsResolver(), isAllowed: isPublicAddress }),
    readS3Object: () => Promise.reject(new RangeError("no bucket is followed")),
  });
  const sleep = (milliseconds: number, by: AbortSignal) => pause(milliseconds, undefined, { signal: by });
  return createUrlPictures({ others, hosts, fetchImage, downloads, sleep, epochMs });
}

/** Every item has its picture elsewhere. */
const noPictures: PictureSource = {
  scan: async () => ({ pictures: [], skipped: [] }),
  find: async (item) => ({ item, refusal: "there is no folder of pictures" }),
};

async function fetchItems({ bucket, key }: S3Place, { s3, downloads, signal }: Parts): Promise<string> {
  const fetched = await fetchS3Object(await s3!.find(bucket, key, signal), { s3: s3!, downloads, signal });
  if ("refusal" in fetched) throw new Error(`s3://${bucket}/${key} cannot be read: ${fetched.refusal}`);
  return fetched.file;
}

/** What an S3 client needs beyond what the SDK finds by itself: another address than AWS's has its buckets in the path. */
export function toS3Settings(env: Environment): Readonly<{ endpoint?: string; forcePathStyle?: true }> {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  return endpoint ? { endpoint, forcePathStyle: true } : {};
}
