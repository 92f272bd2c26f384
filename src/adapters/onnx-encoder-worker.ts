import { workerData } from "node:worker_threads";
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
      /** The device error after which a fresh session gave these values; null when there was none. */
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
  const failed = await encodeInto(values, pixels, count);
  if (failed === null) return { kind: "encoded", count, width, values, recoveredFrom: null };
  const problem = await renew();
  if (problem !== null)
    return { kind: "device_failed", reason: `${failed}; no fresh session: ${problem}`, sound: false };
  const again = await encodeInto(values, pixels, count);
  if (again === null) return { kind: "encoded", count, width, values, recoveredFrom: failed };
  return { kind: "device_failed", reason: `${again}, on a fresh session too`, sound: true };
}

/** The device's reason for failing, or null. */
async function encodeInto(values: Float32Array, pixels: Uint8Array, count: number): Promise<string | null> {
  if (inUse === null) return "no session is left";
  const { session, proof } = inUse;
  const perRun = proof.sharesRuns ? count : 1;
  const bytesEach = pixels.length / count;
  for (let from = 0; from < count; from += perRun) {
    const some = pixels.subarray(from * bytesEach, (from + perRun) * bytesEach);
    const outcome: RunOutcome = await session.run(some, perRun);
    if (outcome.kind === "device_error") return outcome.reason;
    values.set(outcome.values, from * width);
  }
  return null;
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
