import { ServiceError } from "../domain/errors.js";
import { sniffImageFormat } from "../domain/image-format.js";

/** No format needs more of a file to be told. */
const sniffBytes = 128;
/** Where growing begins. */
const leastBytes = 65_536;

export type ByteLimits = Readonly<{
  maxBytes: number;
  /** What the sender says it is going to send. */
  declaredBytes: number | null;
  /** Told of memory before it is taken. @throws when there is none to be had */
  claim: ClaimBytes;
}>;

export type ClaimBytes = (bytes: number) => void;

/**
 * A picture as it comes in, cut as soon as it is too large or turns out to be something else; content types are not
 * asked, and nothing is ever unpacked. @throws ServiceError `reference_too_large` | `image_undecodable`; what `chunks` and `claim` throw
 */
export async function collectImage(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes, declaredBytes, claim }: ByteLimits,
): Promise<Uint8Array> {
  const tooLarge = () => new ServiceError("reference_too_large", { limit_bytes: maxBytes });
  if (declaredBytes !== null && declaredBytes > maxBytes) throw tooLarge();
  // Copied into one buffer: millions of one-byte chunks, each an object of its own, would take a hundred times their size.
  let bytes: Uint8Array = new Uint8Array(0);
  let size = 0;
  let isSniffed = false;
  for await (const chunk of chunks) {
    if (size + chunk.length > maxBytes) throw tooLarge();
    if (size + chunk.length > bytes.length) {
      const larger = Math.min(maxBytes, Math.max(size + chunk.length, bytes.length * 2, leastBytes));
      claim(larger - bytes.length);
      bytes = grow(bytes, larger);
    }
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

function grow(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

function requireImage(bytes: Uint8Array): void {
  if (sniffImageFormat(bytes) === null) throw new ServiceError("image_undecodable");
}
