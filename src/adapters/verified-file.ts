import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ArtifactFile } from "../domain/artifact.js";

/** Large enough that the calls do not count, small enough to hash many files at once. */
const chunkBytes = 1 << 20;

/**
 * The bytes of a file that the manifest vouches for, in a buffer of their own.
 * @throws Error with one line that names the file: absent, a link, not a file, other size, other digest.
 */
export async function readVerifiedFile(folder: string, path: string, promised: ArtifactFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(await sizeOnceChecked(folder, path, promised));
  await scanVerifiedFile(folder, path, promised, (chunk, at) => bytes.set(chunk, at));
  return bytes;
}

/** The same checks without keeping the bytes. @throws Error as `readVerifiedFile`. */
export async function checkVerifiedFile(folder: string, path: string, promised: ArtifactFile): Promise<void> {
  await scanVerifiedFile(folder, path, promised, () => {});
}

/** A file nobody vouches for yet, of 1 to `maxBytes`. @throws Error with one line that names the file. */
export async function readPlainFile(folder: string, path: string, maxBytes: number): Promise<Uint8Array> {
  return withFile(folder, path, async (handle, size, file) => {
    if (size < 1 || size > maxBytes) throw new Error(`${file} has ${size} bytes; 1 to ${maxBytes} are allowed`);
    const bytes = new Uint8Array(size);
    await eachChunk(handle, size, file, (chunk, at) => bytes.set(chunk, at));
    return bytes;
  });
}

/** What is wrong is said before memory is taken for it. */
function sizeOnceChecked(folder: string, path: string, promised: ArtifactFile): Promise<number> {
  return withFile(folder, path, async (_handle, size, file) => {
    requireSize(file, size, promised);
    return size;
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
    await eachChunk(handle, size, file, (chunk, at) => {
      hash.update(chunk);
      consume(chunk, at);
    });
    const found = hash.digest("hex");
    if (found !== promised.sha256) {
      throw new Error(`${file} has sha-256 ${found}, but the manifest says ${promised.sha256}`);
    }
  });
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

async function eachChunk(
  handle: FileHandle,
  size: number,
  file: string,
  consume: (chunk: Uint8Array, at: number) => void,
): Promise<void> {
  const buffer = new Uint8Array(Math.min(chunkBytes, Math.max(1, size)));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) throw new Error(`${file} became shorter while it was read`);
    consume(buffer.subarray(0, bytesRead), at);
    at += bytesRead;
  }
}

function unreadable(file: string, error: NodeJS.ErrnoException): Error {
  const reasons: Readonly<Record<string, string>> = { ENOENT: "does not exist", ELOOP: "is a link" };
  return new Error(`${file} ${reasons[error.code ?? ""] ?? `cannot be read (${error.code ?? error.name})`}`, {
    cause: error,
  });
}
