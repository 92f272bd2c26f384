import { createHash } from "node:crypto";
import type { FeatureKey } from "../serving/feature-cache.js";

/** Up to here hashing takes less than a millisecond; beyond, another thread does it. */
const largeBytes = 1 << 20;

/**
 * The key of a picture's features: sha-256 of the exact bytes, and all that decides what is made of them.
 * `made` must not hold line breaks, which keep its parts apart.
 */
export async function toFeatureKey(bytes: Uint8Array, made: readonly string[]): Promise<FeatureKey> {
  return [await sha256(bytes), ...made].join("\n") as FeatureKey;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= largeBytes) return createHash("sha256").update(bytes).digest("hex");
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Buffer.from(digest).toString("hex");
}
