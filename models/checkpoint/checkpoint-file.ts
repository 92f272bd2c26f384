import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** A file that is read by position, never as a whole. */
export type CheckpointFile = Readonly<{
  path: string;
  bytes: number;
  /** For libraries that read by file descriptor; valid until `close`. */
  descriptor: number;
  /** Fills `target` from `position`. @throws Error with one line when the file ends before or is closed. */
  readInto: (target: Uint8Array, position: number) => Promise<void>;
  close: () => Promise<void>;
}>;

/** A single call of the system takes less than 2 GiB. */
const maxReadBytes = 1 << 28;

/** Opens a plain file; links are followed, since download caches consist of them. @throws Error with one line. */
export async function openCheckpointFile(path: string): Promise<CheckpointFile> {
  // Without waiting: a pipe in a file's place would hold the command for ever.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error) => {
    const what = error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code ?? error.name})`;
    throw new Error(`${path} ${what}`, { cause: error });
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error(`${path} is not a file`);
    return positioned(path, found.size, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function positioned(path: string, bytes: number, handle: FileHandle): CheckpointFile {
  let closed: Promise<void> | null = null;
  const close = () => {
    closed ??= handle.close();
    return closed;
  };
  const readInto = async (target: Uint8Array, position: number) => {
    for (let done = 0; done < target.length; ) {
      if (closed !== null) throw new Error(`${path} was closed before it was read`);
      const length = Math.min(maxReadBytes, target.length - done);
      const { bytesRead } = await handle.read(target, done, length, position + done);
      if (bytesRead === 0) throw new Error(`${path} ends before byte ${position + target.length}`);
      done += bytesRead;
    }
  };
  return { path, bytes, descriptor: handle.fd, readInto, close };
}
