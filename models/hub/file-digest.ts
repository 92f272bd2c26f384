import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** What the hub says of a file: the sha-256 of large ones (LFS, Xet), git's blob name of small ones. */
export type DeclaredDigest = Readonly<{ algorithm: "sha256" | "git-blob-sha1"; hex: string }>;

/** Both digests of the same bytes. */
export type FileDigests = Readonly<{ bytes: number; sha256: string; gitBlobSha1: string }>;

/** Digests of bytes that come in pieces; git's begins with the size, so that has to be known. */
export type DigestBuilder = Readonly<{
  update: (chunk: Uint8Array) => void;
  bytes: () => number;
  digests: () => FileDigests;
}>;

export function createDigestBuilder(size: number): DigestBuilder {
  const sha256 = createHash("sha256");
  const gitBlobSha1 = createHash("sha1").update(`blob ${size}\0`);
  let bytes = 0;
  return {
    update: (chunk) => {
      sha256.update(chunk);
      gitBlobSha1.update(chunk);
      bytes += chunk.length;
    },
    bytes: () => bytes,
    digests: () => ({ bytes, sha256: sha256.digest("hex"), gitBlobSha1: gitBlobSha1.digest("hex") }),
  };
}

/** The digests of a file of `size` bytes. @throws Error what reading it throws; the signal's reason. */
export async function digestFile(file: string, size: number, signal: AbortSignal): Promise<FileDigests> {
  const builder = createDigestBuilder(size);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) builder.update(chunk);
  return builder.digests();
}

/** Whether these are the digests that were declared. */
export function agrees({ sha256, gitBlobSha1 }: FileDigests, { algorithm, hex }: DeclaredDigest): boolean {
  return (algorithm === "sha256" ? sha256 : gitBlobSha1) === hex;
}
