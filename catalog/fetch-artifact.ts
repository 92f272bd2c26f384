import { createWriteStream } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { inspectArtifact } from "./inspect-artifact.js";
import { withUnpacked } from "./unpack-artifact.js";

/** Where a packed artifact is in S3. */
type Place = Readonly<{ bucket: string; key: string }>;

const connectionTimeoutMs = 5000;
/** A task that waits for a server that says nothing any more would never start, and never fail. */
const silenceMs = 60_000;

/**
 * Puts a packed artifact from S3 into a folder that is empty or not there yet, whole and verified or not at all; gives
 * its digest. Reads with the process's own identity. `settings` are the S3 client's.
 * @throws Error with one line: the folder is not empty, S3's own reason, or what is wrong with the artifact
 */
export async function fetchArtifact(place: Place, folder: string, settings: S3ClientConfig = {}): Promise<string> {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new Error(`${folder} cannot be used (${error.code})`, { cause: error });
  });
  if (there.length > 0) throw new Error(`${folder} is not empty`);
  const work = await mkdtemp(join(tmpdir(), "stygig-fetched-"));
  try {
    const file = join(work, "model.tar.gz");
    await download(place, file, settings);
    return await withUnpacked(file, async (unpacked) => {
      const { digest } = await inspectArtifact(unpacked);
      await mkdir(folder, { recursive: true });
      await copyInto(unpacked, folder);
      return digest;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download({ bucket, key }: Place, file: string, settings: S3ClientConfig): Promise<void> {
  // 21 MB, and of the catalog's commands this one alone needs them.
  const { GetObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const requestHandler = { connectionTimeout: connectionTimeoutMs, socketTimeout: silenceMs };
  const client = new S3Client({ followRegionRedirects: true, requestHandler, ...settings });
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (Body === undefined) throw new Error("S3 answered without a body");
    await pipeline(Body as Readable, createWriteStream(file));
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new Error(`s3://${bucket}/${key} cannot be fetched: ${reason}`, { cause: error });
  } finally {
    client.destroy();
  }
}

/** What came half is taken away again: a server must not find it. The folder itself may be a mount, and stays. */
async function copyInto(from: string, folder: string): Promise<void> {
  try {
    await cp(from, folder, { recursive: true });
  } catch (error) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
    throw new Error(`${folder} cannot be written: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}
