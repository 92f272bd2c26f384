import { extname } from "node:path";
import type { S3Folder, S3Object } from "../src/adapters/s3-folder.js";
import type { Downloads, Fetched } from "./downloads.js";
import type { PictureSource } from "./picture-source.js";
import { scanPaths } from "./scan-folder.js";
import { refusalOfSize } from "./see-pictures.js";

export type S3PicturesParts = Readonly<{
  s3: Pick<S3Folder, "list" | "fetch">;
  downloads: Downloads;
  /** The pictures' folder: the bucket itself, or a key; with or without a slash at its end. */
  place: Readonly<{ bucket: string; key: string }>;
  signal: AbortSignal;
}>;

/**
 * The pictures below a folder of a bucket, laid out as on disk. An object is fetched when its turn comes, and again only
 * when its tag is another.
 */
export function createS3Pictures({ s3, downloads, place, signal }: S3PicturesParts): PictureSource {
  const { bucket, key } = place;
  const prefix = key === "" ? "" : `${key.replace(/\/+$/, "")}/`;
  const objects = new Map<string, S3Object>();
  return {
    scan: async () => {
      objects.clear();
      for await (const object of s3.list(bucket, prefix, signal)) {
        const path = object.key.slice(prefix.length);
        // What the console shows as a folder is an object of its own, with nothing in it.
        if (path !== "" && !(path.endsWith("/") && object.bytes === 0)) objects.set(path, object);
      }
      if (objects.size === 0) throw new Error(`there is nothing below s3://${bucket}/${prefix}`);
      return scanPaths(objects.keys());
    },
    find: async (item, itemSignal) => {
      const object = objects.get(item.path);
      if (object === undefined) throw new RangeError(`${item.path} is not in the listing`);
      const refusal = refusalOfSize(object.bytes);
      if (refusal !== null) return { item, refusal };
      return { item, ...(await fetchS3Object(object, { s3, downloads, signal: itemSignal })) };
    },
  };
}

/** An object as a file: a content that was fetched before, by this build or another, is not fetched again. */
export function fetchS3Object(
  object: S3Object,
  { s3, downloads, signal }: Pick<S3PicturesParts, "s3" | "downloads" | "signal">,
): Promise<Fetched> {
  const { bucket, key, tag } = object;
  // No key ends in a line feed and a tag: two contents never share a name.
  return downloads.fetch(`s3://${bucket}/${key}\n${tag}`, (file) => s3.fetch(object, file, signal), extname(key));
}
