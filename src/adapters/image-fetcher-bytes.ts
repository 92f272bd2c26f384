import { ServiceError } from "../domain/errors.js";
import { sniffImageFormat } from "../domain/image-format.js";

/** No format needs more of a file to be told. */
const sniffBytes = 128;

export type ByteLimits = Readonly<{
  maxBytes: number;
  /** What the sender says it is going to send. */
  declaredBytes: number | null;
}>;

/**
 * A picture as it comes in, cut as soon as it is too large or turns out to be something else; content types are not
 * asked, and nothing is ever unpacked. @throws ServiceError `reference_too_large` | `image_undecodable`; what `chunks` throws
 */
export async function collectImage(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes, declaredBytes }: ByteLimits,
): Promise<Uint8Array> {
  const tooLarge = () => new ServiceError("reference_too_large", { limit_bytes: maxBytes });
  if (declaredBytes !== null && declaredBytes > maxBytes) throw tooLarge();
  // Copied into one buffer: millions of one-byte chunks, each an object of its own, would take a hundred times their size.
  let bytes = new Uint8Array(Math.min(65_536, maxBytes));
  let size = 0;
  let isSniffed = false;
  for await (const chunk of chunks) {
    if (size + chunk.length > maxBytes) throw tooLarge();
    if (size + chunk.length > bytes.length) bytes = grow(bytes, size + chunk.length, maxBytes);
    bytes.set(chunk, size);
    size += chunk.length;
    if (isSniffed || size < sniffBytes) continue;
    requireImage(bytes.subarray(0, size));
    isSniffed = true;
  }
  const whole = bytes.slice(0, size);
  requireImage(whole);
  return whole;
}

function grow(bytes: Uint8Array, needed: number, maxBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(maxBytes, Math.max(needed, bytes.length * 2)));
  larger.set(bytes);
  return larger;
}

function requireImage(bytes: Uint8Array): void {
  if (sniffImageFormat(bytes) === null) throw new ServiceError("image_undecodable");
}
