import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** A file's content in numbers. */
export type FileDigest = Readonly<{
  bytes: number;
  /** Of the whole file, in hexadecimal. */
  sha256: string;
  /** What S3 says of the object: the base64 of one part, or of the parts' digests with their count behind it. */
  checksum: string;
  partBytes: number;
}>;

/** Files up to this size go up in one piece. S3 wants parts of 5 MiB at least; a lost one is sent again whole. */
const usualPartBytes = 8 * 2 ** 20;
/** S3 takes no more of one object. */
const maxParts = 10_000;

/**
 * Reads a file once, for everything that an upload needs to know of it.
 * @throws Error with one line: absent, not a file, empty
 */
export async function digestFile(file: string): Promise<FileDigest> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code})`, { cause: error });
  });
  if (!found.isFile() || found.size === 0) throw new Error(`${file} is not a file with something in it`);
  const partBytes = toPartBytes(found.size);
  const whole = createHash("sha256");
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of readParts(file, partBytes)) {
    whole.update(part);
    parts.push(createHash("sha256").update(part).digest());
    bytes += part.length;
  }
  const digest = whole.digest();
  return { bytes, sha256: digest.toString("hex"), checksum: toChecksum(parts), partBytes };
}

/** Whole mebibytes, so that nobody has to guess them. */
export function toPartBytes(bytes: number): number {
  const mebibyte = 2 ** 20;
  return Math.max(usualPartBytes, Math.ceil(bytes / maxParts / mebibyte) * mebibyte);
}

/** S3's composite checksum, as it is specified for multipart uploads with SHA-256. */
function toChecksum(parts: readonly Buffer[]): string {
  if (parts.length === 1) return parts[0]!.toString("base64");
  return `${createHash("sha256").update(Buffer.concat(parts)).digest("base64")}-${parts.length}`;
}

async function* readParts(file: string, partBytes: number): AsyncGenerator<Buffer> {
  const part = Buffer.alloc(partBytes);
  let filled = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.copy(part, filled, at);
      filled += taken;
      at += taken;
      if (filled < partBytes) continue;
      yield part;
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
