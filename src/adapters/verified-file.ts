import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ArtifactFile } from "../domain/artifact.js";

/** Large enough that the calls do not count, small enough to hash many files at once. */
const chunkBytes = 1 << 20;
/** Models and indexes: their digests take the processor's time that a server which reloads has not. */
const bytesWorthKnowing = 1 << 24;
const mostKnown = 256;
/** More than libuv has threads for, so that none of them waits for the main one. */
const filesAtOnce = 16;

/**
 * Digests that large files were found to have, by what tells one content of one file from any other: its number on its disk
 * and its birth (numbers are given again), its size, and when it was last written. Generations of a store share files.
 */
const knownDigests = new Map<string, string>();

/**
 * The bytes of a file that the manifest vouches for, in a buffer of their own.
 * @throws Error with one line that names the file: absent, a link, not a file, other size, other digest.
 */
export async function readVerifiedFile(folder: string, path: string, promised: ArtifactFile): Promise<Uint8Array> {
  return withFile(folder, path, async (handle, size, file) => {
    // What is wrong is said before memory is taken for it.
    requireSize(file, size, promised);
    const bytes = new Uint8Array(size);
    const hash = createHash("sha256");
    await eachChunk(handle, { size, file, into: bytes }, (chunk) => void hash.update(chunk));
    requireDigest(file, hash.digest("hex"), promised);
    return bytes;
  });
}

/**
 * The same checks without keeping the bytes; a large file that this process has checked before is read again only when it
 * has changed. @throws Error as `readVerifiedFile`.
 */
export async function checkVerifiedFile(folder: string, path: string, promised: ArtifactFile): Promise<void> {
  if (promised.bytes < bytesWorthKnowing) return scanVerifiedFile(folder, path, promised, () => {});
  await withFile(folder, path, async (handle, size, file) => {
    requireSize(file, size, promised);
    const before = await identityOf(handle);
    const known = knownDigests.get(before);
    const digest = known ?? (await digestOf(handle, size, file));
    // Of one that was written meanwhile nothing is known.
    if (known === undefined && before === (await identityOf(handle))) know(before, digest);
    requireDigest(file, digest, promised);
  });
}

/**
 * As many files as there are, several at a time: of a hundred thousand thumbnails each waits for the disk.
 * @throws Error as `readVerifiedFile` of the first that is found wrong.
 */
export async function checkVerifiedFiles(
  folder: string,
  files: Iterable<readonly [path: string, promised: ArtifactFile]>,
): Promise<void> {
  const left = [...files].values();
  let failure: { error: unknown } | null = null;
  const checkOn = async () => {
    for (const [path, promised] of left) {
      if (failure !== null) return;
      await checkVerifiedFile(folder, path, promised).catch((error) => {
        failure ??= { error };
      });
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, checkOn));
  if (failure !== null) throw (failure as Readonly<{ error: unknown }>).error;
}

async function identityOf(handle: FileHandle): Promise<string> {
  const { dev, ino, birthtimeNs, size, mtimeNs } = await handle.stat({ bigint: true });
  return [dev, ino, birthtimeNs, size, mtimeNs].join(" ");
}

async function digestOf(handle: FileHandle, size: number, file: string): Promise<string> {
  const hash = createHash("sha256");
  await eachChunk(handle, { size, file }, (chunk) => void hash.update(chunk));
  return hash.digest("hex");
}

function know(identity: string, digest: string): void {
  knownDigests.set(identity, digest);
  const [oldest] = knownDigests.keys();
  if (knownDigests.size > mostKnown && oldest !== undefined) knownDigests.delete(oldest);
}

/** A file nobody vouches for yet, of 1 to `maxBytes`. @throws Error with one line that names the file. */
export async function readPlainFile(folder: string, path: string, maxBytes: number): Promise<Uint8Array> {
  return withFile(folder, path, async (handle, size, file) => {
    if (size < 1 || size > maxBytes) throw new Error(`${file} has ${size} bytes; 1 to ${maxBytes} are allowed`);
    const bytes = new Uint8Array(size);
    await eachChunk(handle, { size, file, into: bytes }, () => {});
    return bytes;
  });
}

/**
 * The same checks while somebody looks at the bytes, which do not outlive the call they are given by. What is wrong with the
 * digest is known only afterwards. @throws Error as `readVerifiedFile`; what `consume` throws.
 */
export async function scanVerifiedFile(
  folder: string,
  path: string,
  promised: ArtifactFile,
  consume: (chunk: Uint8Array, at: number) => void,
): Promise<void> {
  await withFile(folder, path, async (handle, size, file) => {
    requireSize(file, size, promised);
    const hash = createHash("sha256");
    await eachChunk(handle, { size, file }, (chunk, at) => {
      hash.update(chunk);
      consume(chunk, at);
    });
    requireDigest(file, hash.digest("hex"), promised);
  });
}

function requireDigest(file: string, found: string, { sha256 }: ArtifactFile): void {
  if (found !== sha256) throw new Error(`${file} has sha-256 ${found}, but the manifest says ${sha256}`);
}

function requireSize(file: string, size: number, { bytes }: ArtifactFile): void {
  if (size !== bytes) throw new Error(`${file} has ${size} bytes, but the manifest says ${bytes}`);
}

async function withFile<T>(
  folder: string,
  path: string,
  work: (handle: FileHandle, size: number, file: string) => Promise<T>,
): Promise<T> {
  const file = join(folder, path);
  await refuseLinkedFolder(folder, path);
  // Without following links; and without waiting, or a pipe in a file's place would hold the start for ever.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(file, flags).catch((error) => {
    throw unreadable(file, error);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error(`${file} is not a file`);
    return await work(handle, found.size, file);
  } finally {
    await handle.close();
  }
}

/** A folder of an unpacked archive that is a link would lead out of it, with every name below it innocent. */
async function refuseLinkedFolder(folder: string, path: string): Promise<void> {
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) {
    const found = await lstat(join(folder, parent)).catch((error) => {
      throw unreadable(join(folder, path), error);
    });
    if (found.isSymbolicLink()) throw new Error(`${join(folder, parent)} is a link`);
  }
}

type Reading = Readonly<{
  size: number;
  file: string;
  /** As long as the file, to be filled; without it a chunk's memory is used for the next one again. */
  into?: Uint8Array;
}>;

async function eachChunk(
  handle: FileHandle,
  { size, file, into }: Reading,
  consume: (chunk: Uint8Array, at: number) => void,
): Promise<void> {
  const buffer = into ?? new Uint8Array(Math.min(chunkBytes, Math.max(1, size)));
  for (let at = 0; at < size; ) {
    const start = into === undefined ? 0 : at;
    const { bytesRead } = await handle.read(buffer, start, Math.min(chunkBytes, size - at), at);
    if (bytesRead === 0) throw new Error(`${file} became shorter while it was read`);
    consume(buffer.subarray(start, start + bytesRead), at);
    at += bytesRead;
  }
}

function unreadable(file: string, error: NodeJS.ErrnoException): Error {
  const reasons: Readonly<Record<string, string>> = { ENOENT: "does not exist", ELOOP: "is a link" };
  return new Error(`${file} ${reasons[error.code ?? ""] ?? `cannot be read (${error.code ?? error.name})`}`, {
    cause: error,
  });
}
