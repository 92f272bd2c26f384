import type { Embedding } from "../domain/embedding.js";
import type { EncoderManifest } from "../domain/encoder-manifest.js";
import { ServiceError } from "../domain/errors.js";
import type { Provider } from "../domain/provider-ladder.js";
import type { EncodeBatch } from "../pipeline.js";
import { type LadderOptions, openLadder, type TriedRung } from "./onnx-encoder-ladder.js";
import type { Encoded, OpenRung } from "./onnx-encoder-rung.js";

/** One rung of an encoder at work: what it starts on is what it stays on, so that its embeddings are of one kind. */
export type OnnxEncoder = Readonly<{
  /**
   * @throws ServiceError `encoder_failed`, also when the worker died over it or the device failed twice; `not_ready`
   *   when no worker is left; `shutting_down` after close; the signal's reason when aborted. RangeError for an input of
   *   another side: a caller's bug.
   */
  encode: EncodeBatch;
  manifest: EncoderManifest;
  /** Names everything that decides an embedding; belongs in cache keys. */
  digest: string;
  provider: Provider;
  /** Sessions opened: how many batches can run at once. */
  workers: number;
  threads: number;
  /** False when every picture runs alone, because neighbors in a batch would change its embedding. */
  sharesRuns: boolean;
  /** The rungs tried and ruled out; the last one is the one in use. */
  rungs: readonly TriedRung[];
  /** Workers ready for work; 0 means that nothing can be encoded. */
  alive: () => number;
  /** Refuses waiting batches, lets running ones finish, ends the threads. */
  close: () => Promise<void>;
}>;

/** Opens the encoder in a folder on the first rung that holds. @throws Error as `openLadder`. */
export async function createOnnxEncoder(options: LadderOptions): Promise<OnnxEncoder> {
  const { files, first, tried } = await openLadder(options);
  let isClosed = false;
  const encode: EncodeBatch = async (inputs, signal) => {
    if (inputs.length === 0) return [];
    const outcome = await first.encode(inputs, signal);
    if (outcome.kind === "encoded") return outcome.embeddings.map(orThrow);
    const cause = new Error(outcome.reason);
    if (isClosed) throw new ServiceError("shutting_down", {}, cause);
    if (first.alive() === 0) throw new ServiceError("not_ready", {}, cause);
    throw new ServiceError("encoder_failed", { reason: "device error" }, cause);
  };
  const close = () => {
    isClosed = true;
    return first.close();
  };
  return { ...factsOf(first), encode, manifest: files.manifest, rungs: tried(), alive: first.alive, close };
}

function orThrow(encoded: Encoded): Embedding {
  if (encoded instanceof ServiceError) throw encoded;
  return encoded;
}

function factsOf({ digest, rung, setting, proof }: OpenRung) {
  return { digest, provider: rung.provider, ...setting, sharesRuns: proof.sharesRuns };
}
