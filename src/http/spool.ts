import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Response } from "express";
import { ServiceError } from "../domain/errors.js";

/** An answer that is kept until it is whole, because its length goes ahead of it. */
export type Spool = Readonly<{
  /** One call at a time. @throws ServiceError `answer_too_large` | `spool_failed` */
  add: (text: string) => Promise<void>;
  /** Sends all of it as a 200 and resolves when it has left. @throws ServiceError `spool_failed`; the signal's reason */
  send: (response: Response, contentType: string, signal: AbortSignal) => Promise<void>;
  /** Gives memory and file back. Idempotent. */
  close: () => Promise<void>;
}>;

export type SpoolOptions = Readonly<{
  /** What lies in memory at most; more goes into a file. */
  maxMemoryBytes: number;
  maxBytes: number;
  /** Where the file is made; the system's own place for such files if not given. */
  folder?: string;
}>;

export function createSpool({ maxMemoryBytes, maxBytes, folder }: SpoolOptions): Spool {
  let inMemory: Buffer[] = [];
  let memoryBytes = 0;
  let fileBytes = 0;
  let file: FileHandle | null = null;

  async function flush(): Promise<void> {
    const bytes = Buffer.concat(inMemory);
    inMemory = [];
    memoryBytes = 0;
    file ??= await openNameless(folder ?? tmpdir());
    await file.writeFile(bytes);
    fileBytes += bytes.length;
  }

  return {
    add: async (text) => {
      const bytes = Buffer.from(text);
      if (fileBytes + memoryBytes + bytes.length > maxBytes) {
        throw new ServiceError("answer_too_large", { limit_bytes: maxBytes });
      }
      inMemory.push(bytes);
      memoryBytes += bytes.length;
      if (memoryBytes > maxMemoryBytes) await orSpoolFailed(flush());
    },
    send: async (response, contentType, signal) => {
      if (file !== null) await orSpoolFailed(flush());
      signal.throwIfAborted();
      response.writeHead(200, { "content-type": contentType, "content-length": fileBytes + memoryBytes });
      const pieces = file === null ? inMemory : file.createReadStream({ start: 0, autoClose: false });
      await pipeline(pieces, response, { signal });
    },
    close: async () => {
      const closing = file;
      file = null;
      inMemory = [];
      await closing?.close();
    },
  };
}

/**
 * A file that has lost its name by the time anything is in it: however this process ends, nothing of it stays.
 * Nobody else can open it, before or after.
 */
async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `stygig-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function orSpoolFailed(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new ServiceError("spool_failed", {}, error);
  }
}
