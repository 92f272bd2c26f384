import type { ModelInput } from "../domain/clip-input.js";
import { type Embedding, toEmbedding } from "../domain/embedding.js";
import type { EncoderSetting } from "../domain/encoder-setting.js";
import { ServiceError } from "../domain/errors.js";
import type { Rung } from "../domain/provider-ladder.js";
import type { EncoderFiles, ModelOnDisk } from "./encoder-files.js";
import type { EncoderProof } from "./onnx-encoder-proof.js";
import type { SessionOptions } from "./onnx-encoder-session.js";
import type { EncoderReply, EncoderRequest } from "./onnx-encoder-worker.js";
import { createWorkerPool, type PoolFailure, type WorkerLost, type WorkerPool } from "./worker-pool.js";

/** What came of one picture: its embedding, or `encoder_failed` when the graph gave nothing that can be one. */
export type Encoded = Embedding | ServiceError;

/** What came of one batch, in order. `recoveredFrom`: the device error before the attempt that succeeded. `sound`: see the worker's. */
export type BatchOutcome =
  | Readonly<{ kind: "encoded"; embeddings: readonly Encoded[]; recoveredFrom: string | null }>
  | Readonly<{ kind: "rung_failed"; reason: string; sound: boolean }>;

/** A rung at work: its sessions are open and have passed the probe. */
export type OpenRung = Readonly<{
  rung: Rung;
  digest: string;
  setting: EncoderSetting;
  /** Of the square that it takes, in pixels. */
  side: number;
  proof: EncoderProof;
  /**
   * @throws ServiceError `encoder_failed`, also when the worker died over it; the signal's reason when aborted.
   *   RangeError for an input of another side: a caller's bug.
   */
  encode: (inputs: readonly ModelInput[], signal?: AbortSignal) => Promise<BatchOutcome>;
  alive: () => number;
  /** No session is left and none will come. */
  isExhausted: () => boolean;
  /** Refuses waiting batches, lets running ones finish, ends the threads. Idempotent. */
  close: () => Promise<void>;
}>;

export type OpenRungOptions = Readonly<{
  rung: Rung;
  files: EncoderFiles;
  setting: EncoderSetting;
  /** GPUs that the sessions take turns on; by default one. Means nothing on a CPU. */
  devices?: number;
  /** Told of every worker lost after the start. */
  report: (lost: WorkerLost) => void;
}>;

type Pool = WorkerPool<EncoderRequest, EncoderReply>;

/** Enough for isolated crashes; a model that kills every thread it gets runs out of them within seconds. */
const maxRestarts = 5;
/**
 * Longer than any run. A thread that is cut off inside ONNX Runtime (by `terminate`, and by `process.exit` as well)
 * aborts the whole process, so a running batch always gets to finish: await `close` before exiting.
 */
const closeGraceMs = 600_000;

/** Opens every session of a rung, or gives the first one's reason for failing, on one line. */
export async function openRung(options: OpenRungOptions): Promise<OpenRung | Readonly<{ refused: string }>> {
  const { rung, files, setting, devices = 1, report } = options;
  const { model, digest } = onDisk(files, rung);
  const { manifest } = files;
  let isStarting = true;
  let refused: string | null = null;
  const shared = { manifest, model, provider: rung.provider, threads: setting.threads };
  // Where the model lies is asked for each time: a worker that replaces another may start after the files have moved.
  const startData = (lane: number): SessionOptions => {
    return { ...shared, modelFile: onDisk(files, rung).file, deviceId: lane % devices };
  };
  const pool: Pool = createWorkerPool<EncoderRequest, EncoderReply>({
    script: new URL("./onnx-encoder-worker.js", import.meta.url),
    size: setting.workers,
    startData,
    maxRestarts,
    closeGraceMs,
    toError,
    report: (lost) => {
      if (!isStarting) return report(lost);
      // What failed once at the start fails again; trying the next rung is better than trying five times more.
      refused ??= toLine(lost.reason);
      void pool.close();
    },
  });
  try {
    await pool.started();
    const reply = await pool.call({ kind: "prove" });
    if (reply.kind !== "proven") throw new RangeError(`a worker answered "${reply.kind}" to "prove"`);
    isStarting = false;
    const { side } = manifest.input;
    const { dimension } = manifest.output;
    const encode: OpenRung["encode"] = (inputs, signal) => encodeOn(pool, pack(inputs, side), dimension, signal);
    const { alive, isExhausted, close } = pool;
    return { rung, digest, setting, side, proof: reply.proof, encode, alive, isExhausted, close };
  } catch (error) {
    await pool.close();
    if (refused === null) throw error;
    return { refused };
  }
}

/** Where a rung's model lies. */
export function onDisk({ models }: EncoderFiles, { model }: Rung): ModelOnDisk {
  const found = models.find(({ model: each }) => each.file === model.file);
  if (found === undefined) throw new RangeError(`${model.file} is no model of this encoder`);
  return found;
}

async function encodeOn(
  pool: Pool,
  { count, pixels }: Readonly<{ count: number; pixels: Uint8Array<ArrayBuffer> }>,
  dimension: number,
  signal: AbortSignal | undefined,
): Promise<BatchOutcome> {
  const options = { transfer: [pixels.buffer], ...(signal === undefined ? {} : { signal }) };
  const answered = await pool.call({ kind: "encode", count, pixels }, options).then(
    (reply) => reply,
    (error: unknown) => toRungFailure(error),
  );
  if (answered.kind === "rung_failed") return answered;
  if (answered.kind === "device_failed") return { ...answered, kind: "rung_failed" };
  const embeddings = toEmbeddings(answered, count, dimension);
  return { kind: "encoded", embeddings, recoveredFrom: answered.kind === "encoded" ? answered.recoveredFrom : null };
}

/** A pool without workers, or one that was closed while the batch waited, has failed nobody's batch in particular. */
function toRungFailure(error: unknown): BatchOutcome & { kind: "rung_failed" } {
  const isOfPool = error instanceof ServiceError && (error.code === "not_ready" || error.code === "shutting_down");
  if (!isOfPool) throw error;
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  return { kind: "rung_failed", reason: toLine(reason), sound: false };
}

/** A copy on purpose: the caller's own buffers must survive the move to the worker, and a second attempt. */
function pack(inputs: readonly ModelInput[], side: number) {
  const bytesEach = side * side * 3;
  const pixels = new Uint8Array(inputs.length * bytesEach);
  for (const [i, input] of inputs.entries()) {
    if (input.side !== side || input.data.length !== bytesEach) {
      throw new RangeError(`the encoder takes a side of ${side}, not ${input.side} with ${input.data.length} bytes`);
    }
    pixels.set(input.data, i * bytesEach);
  }
  return { count: inputs.length, pixels };
}

/** @throws ServiceError `encoder_failed` when there are too few or too many values: nobody could say whose they are. */
function toEmbeddings(reply: EncoderReply, count: number, dimension: number): readonly Encoded[] {
  const isWhole = reply.kind === "encoded" && reply.width === dimension && reply.values.length === count * dimension;
  if (!isWhole) throw new ServiceError("encoder_failed", { reason: "wrong number of values" });
  return Array.from({ length: count }, (_, i) =>
    // A copy: a view would keep the whole batch in memory for as long as one of its pictures is cached.
    toEncoded(reply.values.slice(i * dimension, (i + 1) * dimension)),
  );
}

function toEncoded(values: Float32Array): Encoded {
  try {
    return toEmbedding(values);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

function toError({ kind, reason }: PoolFailure): ServiceError {
  const cause = new Error(reason);
  if (kind === "closed") return new ServiceError("shutting_down", {}, cause);
  if (kind === "exhausted") return new ServiceError("not_ready", {}, cause);
  return new ServiceError("encoder_failed", kind === "lost" ? { reason: "worker lost" } : {}, cause);
}

/** A worker's last words on one line, without the class name that every plain error begins with. */
function toLine(reason: string): string {
  return reason.replace(/^Error: /, "").replace(/\s*\n\s*/g, " ");
}
