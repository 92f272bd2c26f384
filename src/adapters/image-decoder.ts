import { ServiceError } from "../domain/errors.js";
import type { DecodedImage, DecodeImage } from "../pipeline.js";
import type { DecodeRequest } from "./image-decoder-worker.js";
import { createWorkerPool, type PoolFailure, type WorkerLost } from "./worker-pool.js";

export type ImageDecoderOptions = Readonly<{
  /** Threads; each decodes one picture at a time. */
  workers: number;
  /** Width times height above which a picture is refused before it is decoded. */
  maxPixels: number;
  /** Longest side to which larger pictures are shrunk as they are decoded; by default none is. Moves embeddings a little. */
  downscaleMax?: number | null;
  report?: (lost: WorkerLost) => void;
}>;

/** Pictures decoded and reduced in worker threads. */
export type ImageDecoder = Readonly<{
  /**
   * @throws ServiceError `image_undecodable` | `image_too_many_pixels`, and when the threads are at fault
   *   `internal` | `not_ready` | `shutting_down`; the signal's reason when aborted
   */
  decode: DecodeImage;
  /** Resolves when every thread is ready. @throws ServiceError `not_ready` when none can start. */
  started: () => Promise<void>;
  /** Threads ready to decode, busy ones included. */
  alive: () => number;
  /** No thread is left and none will come. */
  isExhausted: () => boolean;
  /** Pictures that wait for a thread. */
  waiting: () => number;
  /** Lets running decodes finish, refuses waiting ones, ends the threads. Idempotent. */
  close: () => Promise<void>;
}>;

/** A decoder thread has nothing to load, so losing one costs milliseconds; losing five in a row is no accident. */
const maxRestarts = 5;

/** Starts the threads at once. Only compiled code has the worker's script beside it. */
export function createImageDecoder(options: ImageDecoderOptions): ImageDecoder {
  const { workers, maxPixels, downscaleMax = null, report } = options;
  const pool = createWorkerPool<DecodeRequest, DecodedImage>({
    script: new URL("./image-decoder-worker.js", import.meta.url),
    size: workers,
    maxRestarts,
    toError,
    ...(report === undefined ? {} : { report }),
  });
  const decode: DecodeImage = (bytes, wants, signal) => {
    // A view into a larger buffer would be sent with all of it, and moving the caller's own would empty it: copy once.
    const own = new Uint8Array(bytes);
    return pool.call(
      { bytes: own, wants, maxPixels, downscaleMax },
      { transfer: [own.buffer], ...(signal === undefined ? {} : { signal }) },
    );
  };
  const { started, alive, isExhausted, waiting, close } = pool;
  return { decode, started, alive, isExhausted, waiting, close };
}

/** A picture whose thread died may be what killed it, so that is `internal`, which says not to try again. */
function toError({ kind, reason }: PoolFailure): ServiceError {
  const code = kind === "closed" ? "shutting_down" : kind === "exhausted" ? "not_ready" : "internal";
  return new ServiceError(code, {}, new Error(reason));
}
