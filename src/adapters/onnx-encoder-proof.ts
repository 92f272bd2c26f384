import { dotProduct, toEmbedding } from "../domain/embedding.js";
import type { EncoderManifest } from "../domain/encoder-manifest.js";
import type { EncoderModel } from "../domain/encoder-model.js";
import { ServiceError } from "../domain/errors.js";
import { probeImage } from "../domain/probe-image.js";
import type { EncoderSession } from "./onnx-encoder-session.js";

/** What a session has shown of itself before its first request. */
export type EncoderProof = Readonly<{
  /** Cosine of the probe picture's embedding to the manifest's. */
  cosine: number;
  /** Whether several pictures may share one run without changing each other's embedding. */
  sharesRuns: boolean;
}>;

/** Below this two embeddings of one picture count as different: a batch may round otherwise, but not rescale. */
const minNeighborCosine = 0.9999;
/** How far the rows of a graph that says it normalizes may be from length 1; half precision gives about 0.001. */
const normalizedTolerance = 0.01;

/**
 * Encodes the probe picture, alone and beside another, which also warms the session up. `shares` spares the neighbor
 * where it is known already.
 * @throws Error with one line: a cosine below the manifest's, a broken embedding, a length that is not as promised.
 */
export async function proveSession(
  session: EncoderSession,
  { manifest, model }: Readonly<{ manifest: EncoderManifest; model: EncoderModel }>,
  shares: boolean | null = null,
): Promise<EncoderProof> {
  const { input, output } = manifest;
  const { probe, precision } = model;
  const pixels = probeImage(input.side).pixels;
  const alone = await rowsOf(session, pixels, 1);
  const length = Math.hypot(...alone);
  if (output.normalized && Math.abs(length - 1) > normalizedTolerance) {
    throw new Error(`the manifest says the output is normalized, but the probe picture's has length ${length}`);
  }
  const cosine = cosineOf(alone, Float32Array.from(probe.embedding));
  if (!(cosine >= probe.minCosine)) {
    const found = cosine.toFixed(4);
    throw new Error(
      `the probe picture has cosine ${found} to the manifest's embedding; ${probe.minCosine} is the least`,
    );
  }
  // Bytes magnify what a batch does to the last digits of a sum: int8 promises the same bits alone and in any batch.
  const mayShare = session.takesBatches && precision !== "int8";
  const sharesRuns = shares ?? (mayShare && (await isUnmovedByNeighbors(session, input.side, alone)));
  return { cosine, sharesRuns };
}

/** @throws Error with the device's reason, or with what the graph gave instead. */
async function rowsOf(session: EncoderSession, pixels: Uint8Array, count: number): Promise<Float32Array> {
  try {
    const outcome = await session.run(pixels, count);
    if (outcome.kind === "rows") return outcome.values;
    throw new Error(outcome.reason);
  } catch (error) {
    throw error instanceof ServiceError ? error.cause : error;
  }
}

/**
 * Dynamic quantization scales by the largest activation of the whole input, so that a picture's embedding depends on
 * what else is in its batch. Which graphs do so is measured here rather than believed.
 */
async function isUnmovedByNeighbors(session: EncoderSession, side: number, alone: Float32Array): Promise<boolean> {
  const probe = probeImage(side).pixels;
  const neighbor = checkerboard(side);
  const neighborAlone = await rowsOf(session, neighbor, 1);
  const both = new Uint8Array(probe.length * 2);
  both.set(neighbor);
  both.set(probe, probe.length);
  const rows = await rowsOf(session, both, 2);
  const cosines = [
    cosineOf(rows.subarray(0, alone.length), neighborAlone),
    cosineOf(rows.subarray(alone.length), alone),
  ];
  return cosines.every((cosine) => cosine >= minNeighborCosine);
}

/** Black and white squares of 16 pixels: unlike the ramps in range and in texture. */
function checkerboard(side: number): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return (((pixel % side) >> 4) + (Math.floor(pixel / side) >> 4)) & 1 ? 255 : 0;
  });
}

function cosineOf(first: Float32Array, second: Float32Array): number {
  try {
    return dotProduct(toEmbedding(first), toEmbedding(second));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new Error(`a start-up picture's embedding is unusable: ${error.details.reason}`, { cause: error });
  }
}
