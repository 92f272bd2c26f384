import { ServiceError } from "./errors.js";

declare const unitLength: unique symbol;
/** A finite float32 vector of length 1 (within 1e-4). Only `toEmbedding` makes one. */
export type Embedding = Float32Array & { readonly [unitLength]: true };

/**
 * Scales a raw model output to length 1. Never invents a vector.
 * @throws ServiceError `encoder_failed` when a value is not finite or the length is zero.
 */
export function toEmbedding(raw: Float32Array): Embedding {
  let squares = 0;
  for (const value of raw) squares += value * value;
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length === 0) {
    throw new ServiceError("encoder_failed", { reason: length === 0 ? "zero vector" : "non-finite value" });
  }
  // A vector already of unit length in float32 stays as it is, so that a second pass changes no bit.
  if (Math.abs(length - 1) < 1e-7) return raw as Embedding;
  const unit = new Float32Array(raw.length);
  for (let i = 0; i < raw.length; i++) unit[i] = raw[i]! / length;
  return unit as Embedding;
}

/** Inner product in doubles; the cosine, in [-1, 1] up to rounding, when both have unit length. */
export function dotProduct(first: Float32Array, second: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < first.length; i++) sum += first[i]! * second[i]!;
  return sum;
}
