import { workerData } from "node:worker_threads";
import { isOutOfMemory } from "../domain/gpu-batch.js";
import { type EncoderProof, proveSession } from "./onnx-encoder-proof.js";
import { type EncoderSession, openSession, type RunOutcome, type SessionOptions } from "./onnx-encoder-session.js";
import { reasonOf, serveRequests } from "./worker-port.js";

/** `pixels` is [count, side, side, 3] and is moved to the worker, not copied. */
export type EncoderRequest =
  | Readonly<{ kind: "encode"; count: number; pixels: Uint8Array<ArrayBuffer> }>
  | Readonly<{ kind: "prove" }>;

/** `values` is [count, width] and is moved back. */
export type EncoderReply =
  | Readonly<{
      kind: "encoded";
      count: number;
      width: number;
      values: Float32Array<ArrayBuffer>;
      /** The device error after which a fresh session or smaller runs gave these values; null when there was none. */
      recoveredFrom: string | null;
    }>
  /** Once more on a fresh session did not help. `sound`: that session has passed the probe, and failed on this batch. */
  | Readonly<{ kind: "device_failed"; reason: string; sound: boolean }>
  | Readonly<{ kind: "proven"; proof: EncoderProof }>;

type Proven = Readonly<{ session: EncoderSession; proof: EncoderProof }>;

const options = workerData as SessionOptions;
const width = options.manifest.output.dimension;
// Whatever fails before `serveRequests` ends the thread with its one-line reason; a replacement proves itself again.
const first = await open();
let inUse: Proven | null = first;
/** Pictures in one run, once a larger one did not fit: what else fills the device's memory is likely to stay. */
let mostPerRun = Number.POSITIVE_INFINITY;

serveRequests<EncoderRequest, EncoderReply>(async (request) => {
  if (request.kind === "prove") return { reply: { kind: "proven", proof: first.proof } };
  const reply = await encode(request.pixels, request.count);
  return reply.kind === "encoded" ? { reply, transfer: [reply.values.buffer] } : { reply };
});

/** `shares`: whether pictures may share a run, where an earlier session of this model has shown it. */
async function open(shares: boolean | null = null): Promise<Proven> {
  const session = await openSession(options);
  try {
    return { session, proof: await proveSession(session, options, shares) };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** The batch's values; after a device error those of one more attempt, on a fresh session. */
async function encode(pixels: Uint8Array, count: number): Promise<EncoderReply> {
  const values = new Float32Array(count * width);
  const { failed, halvedFor } = await encodeInto(values, pixels, count);
  if (failed === null) return { kind: "encoded", count, width, values, recoveredFrom: halvedFor };
  const problem = await renew();
  if (problem !== null)
    return { kind: "device_failed", reason: `${failed}; no fresh session: ${problem}`, sound: false };
  const { failed: again } = await encodeInto(values, pixels, count);
  if (again === null) return { kind: "encoded", count, width, values, recoveredFrom: failed };
  return { kind: "device_failed", reason: `${again}, on a fresh session too`, sound: true };
}

/** The device's reason for failing, or null; and its reason for making the runs smaller, or null. */
type Encoding = Readonly<{ failed: string | null; halvedFor: string | null }>;

/** A run that finds no memory is halved and tried again, once. */
async function encodeInto(values: Float32Array, pixels: Uint8Array, count: number): Promise<Encoding> {
  if (inUse === null) return { failed: "no session is left", halvedFor: null };
  const { session, proof } = inUse;
  const bytesEach = pixels.length / count;
  let halvedFor: string | null = null;
  for (let from = 0; from < count; ) {
    const size = proof.sharesRuns ? Math.min(mostPerRun, count - from) : 1;
    const some = pixels.subarray(from * bytesEach, (from + size) * bytesEach);
    const outcome: RunOutcome = await session.run(some, size);
    if (outcome.kind === "rows") {
      values.set(outcome.values, from * width);
      from += size;
    } else if (size > 1 && halvedFor === null && isOutOfMemory(outcome.reason)) {
      mostPerRun = Math.ceil(size / 2);
      halvedFor = `${outcome.reason}; at most ${mostPerRun} pictures in a run from now on`;
    } else return { failed: outcome.reason, halvedFor };
  }
  return { failed: null, halvedFor };
}

/** Puts a fresh session in the place of the one in use, or says why there is none. */
async function renew(): Promise<string | null> {
  const old = inUse;
  inUse = null;
  try {
    // First, so that the device has room for the next one.
    await old?.session.release();
    inUse = await open(first.proof.sharesRuns);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}
