import { workerData } from "node:worker_threads";
import { type EncoderProof, proveSession } from "./onnx-encoder-proof.js";
import { openSession, type SessionOptions } from "./onnx-encoder-session.js";
import { serveRequests } from "./worker-port.js";

/** `pixels` is [count, side, side, 3] and is moved to the worker, not copied. */
export type EncoderRequest =
  | Readonly<{ kind: "encode"; count: number; pixels: Uint8Array<ArrayBuffer> }>
  | Readonly<{ kind: "prove" }>;

/** `values` is [count, width] and is moved back. */
export type EncoderReply =
  | Readonly<{ kind: "encoded"; count: number; width: number; values: Float32Array<ArrayBuffer> }>
  | Readonly<{ kind: "proven"; proof: EncoderProof }>;

// Whatever fails before `serveRequests` ends the thread with its one-line reason; a replacement proves itself again.
const options = workerData as SessionOptions;
const session = await openSession(options);
const proof = await proveSession(session, options.manifest, options.model);

serveRequests<EncoderRequest, EncoderReply>(async (request) => {
  if (request.kind === "prove") return { reply: { kind: "proven", proof } };
  const { count, pixels } = request;
  const width = options.manifest.output.dimension;
  const values = await encodeAll(pixels, count, width);
  return { reply: { kind: "encoded", count, width, values }, transfer: [values.buffer] };
});

async function encodeAll(pixels: Uint8Array, count: number, width: number): Promise<Float32Array<ArrayBuffer>> {
  const values = new Float32Array(count * width);
  const perRun = proof.sharesRuns ? count : 1;
  const bytesEach = pixels.length / count;
  for (let from = 0; from < count; from += perRun) {
    const some = pixels.subarray(from * bytesEach, (from + perRun) * bytesEach);
    values.set(await session.encodeRows(some, perRun), from * width);
  }
  return values;
}
