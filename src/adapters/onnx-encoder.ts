import type { ModelInput } from "../domain/clip-input.js";
import { type Embedding, toEmbedding } from "../domain/embedding.js";
import type { EncoderManifest } from "../domain/encoder-manifest.js";
import { ServiceError } from "../domain/errors.js";
import type { EncodeBatch } from "../pipeline.js";
import { type EncoderFiles, type ModelOnDisk, readEncoderFiles } from "./encoder-files.js";
import type { EncoderProof } from "./onnx-encoder-proof.js";
import type { Provider, SessionOptions } from "./onnx-encoder-session.js";
import type { EncoderReply, EncoderRequest } from "./onnx-encoder-worker.js";
import { createWorkerPool, type PoolFailure, type WorkerLost, type WorkerPool } from "./worker-pool.js";

export type EncoderOptions = Readonly<{
  /** Holds `encoder.json` and the model files it names. */
  folder: string;
  /** The ladder: the first provider that opens the model and passes the probe is used. */
  providers: readonly [Provider, ...Provider[]];
  /** Sessions, one a thread, on the CPU; `cuda` always takes one. */
  workers: number;
  /** Threads of each session. */
  threads: number;
  /** Told of every worker lost after the start. */
  report?: (lost: WorkerLost) => void;
}>;

/** One provider that was tried; `reason` is one line. */
export type EncoderRung = Readonly<{ provider: Provider }> &
  (Readonly<{ outcome: "chosen"; cosine: number }> | Readonly<{ outcome: "refused"; reason: string }>);

export type OnnxEncoder = Readonly<{
  /**
   * @throws ServiceError `encoder_failed`, also when the worker died over it; `not_ready` when no worker is left;
   *   `shutting_down` after close; the signal's reason when aborted. RangeError for an input of another side: a caller's bug.
   */
  encode: EncodeBatch;
  manifest: EncoderManifest;
  /** Names everything that decides an embedding; belongs in cache keys and artifacts. */
  digest: string;
  provider: Provider;
  /** Sessions opened: how many batches can run at once. */
  workers: number;
  /** False when every picture runs alone, because neighbors in a batch would change its embedding. */
  sharesRuns: boolean;
  /** The providers tried, in order; the last one is the one in use. */
  rungs: readonly EncoderRung[];
  /** Workers ready for work; 0 means that nothing can be encoded. */
  alive: () => number;
  /** Refuses waiting batches, lets running ones finish, ends the threads. */
  close: () => Promise<void>;
}>;

type Pool = WorkerPool<EncoderRequest, EncoderReply>;
type Opened = Readonly<{ pool: Pool; proof: EncoderProof; workers: number }>;

/** Enough for isolated crashes; a model that kills every thread it gets runs out of them within seconds. */
const maxRestarts = 5;
/**
 * Longer than any run. A thread that is cut off inside ONNX Runtime (by `terminate`, and by `process.exit` as well)
 * aborts the whole process, so a running batch always gets to finish: await `close` before exiting.
 */
const closeGraceMs = 600_000;

/**
 * Opens the encoder in a folder and proves it on its probe picture.
 * @throws Error for the operator, with one line: what is wrong with the folder, or why each provider was refused.
 */
export async function createOnnxEncoder(options: EncoderOptions): Promise<OnnxEncoder> {
  const files = await readEncoderFiles(options.folder);
  const rungs: EncoderRung[] = [];
  for (const provider of options.providers) {
    const opened = await openOn(provider, files, options);
    if ("refused" in opened) {
      rungs.push({ provider, outcome: "refused", reason: opened.refused });
      continue;
    }
    rungs.push({ provider, outcome: "chosen", cosine: opened.proof.cosine });
    return toEncoder(opened, files, provider, rungs);
  }
  const reasons = rungs.map((rung) => `${rung.provider}: ${rung.outcome === "refused" ? rung.reason : ""}`);
  throw new Error(`${toModelInUse(files).file} cannot be used: ${reasons.join("; ")}`);
}

/** The reference, where there is one. */
function toModelInUse({ models }: EncoderFiles): ModelOnDisk {
  return models.find(({ model }) => model.precision === "fp32") ?? models[0];
}

/** Opens every session on one provider, or gives the first one's reason for failing. */
async function openOn(
  provider: Provider,
  files: EncoderFiles,
  options: EncoderOptions,
): Promise<Opened | Readonly<{ refused: string }>> {
  const { manifest } = files;
  const { model, file: modelFile } = toModelInUse(files);
  // One session keeps a GPU busy; a second one would only hold the weights twice.
  const workers = provider === "cuda" ? 1 : options.workers;
  let isStarting = true;
  let refused: string | null = null;
  const pool: Pool = createWorkerPool<EncoderRequest, EncoderReply>({
    script: new URL("./onnx-encoder-worker.js", import.meta.url),
    size: workers,
    startData: { manifest, model, modelFile, provider, threads: options.threads } satisfies SessionOptions,
    maxRestarts,
    closeGraceMs,
    toError,
    report: (lost) => {
      if (!isStarting) return options.report?.(lost);
      // What failed once at the start fails again; trying the next provider is better than trying five times more.
      refused ??= toLine(lost.reason);
      void pool.close();
    },
  });
  try {
    await pool.started();
    const reply = await pool.call({ kind: "prove" });
    if (reply.kind !== "proven") throw new RangeError(`a worker answered "${reply.kind}" to "prove"`);
    isStarting = false;
    return { pool, proof: reply.proof, workers };
  } catch (error) {
    await pool.close();
    if (refused === null) throw error;
    return { refused };
  }
}

function toEncoder(
  { pool, proof, workers }: Opened,
  files: EncoderFiles,
  provider: Provider,
  rungs: readonly EncoderRung[],
): OnnxEncoder {
  const { manifest } = files;
  const { digest } = toModelInUse(files);
  const { side } = manifest.input;
  const encode: EncodeBatch = async (inputs, signal) => {
    if (inputs.length === 0) return [];
    const pixels = pack(inputs, side);
    const reply = await pool.call(
      { kind: "encode", count: inputs.length, pixels },
      { transfer: [pixels.buffer], ...(signal === undefined ? {} : { signal }) },
    );
    return toEmbeddings(reply, inputs.length, manifest.output.dimension);
  };
  const { alive, close } = pool;
  return { encode, manifest, digest, provider, workers, sharesRuns: proof.sharesRuns, rungs, alive, close };
}

/** A copy on purpose: the caller's own buffers must survive the move to the worker. */
function pack(inputs: readonly ModelInput[], side: number): Uint8Array<ArrayBuffer> {
  const bytesEach = side * side * 3;
  const pixels = new Uint8Array(inputs.length * bytesEach);
  for (const [i, input] of inputs.entries()) {
    if (input.side !== side || input.data.length !== bytesEach) {
      throw new RangeError(`the encoder takes a side of ${side}, not ${input.side} with ${input.data.length} bytes`);
    }
    pixels.set(input.data, i * bytesEach);
  }
  return pixels;
}

/** @throws ServiceError `encoder_failed` when there are too few or too many, or when one is not finite. */
function toEmbeddings(reply: EncoderReply, count: number, dimension: number): readonly Embedding[] {
  const isWhole = reply.kind === "encoded" && reply.width === dimension && reply.values.length === count * dimension;
  if (!isWhole) throw new ServiceError("encoder_failed", { reason: "wrong number of values" });
  return Array.from({ length: count }, (_, i) =>
    // A copy: a view would keep the whole batch in memory for as long as one of its pictures is cached.
    toEmbedding(reply.values.slice(i * dimension, (i + 1) * dimension)),
  );
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
