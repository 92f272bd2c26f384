import type { ImageDecoder } from "../../src/adapters/image-decoder.js";
import type { OnnxEncoder } from "../../src/adapters/onnx-encoder.js";
import { type PreprocessVersion, toModelInput } from "../../src/domain/clip-input.js";
import type { Embedding } from "../../src/domain/embedding.js";
import { ServiceError } from "../../src/domain/errors.js";
import type { LabeledPicture } from "./labeled-pictures.js";

export type EmbedOptions = Readonly<{
  decode: ImageDecoder["decode"];
  encode: OnnxEncoder["encode"];
  preprocess: PreprocessVersion;
  /** Pictures on their way at once: bounds the memory whatever their number. */
  ahead: number;
  signal: AbortSignal;
  /** Told of every picture looked at. */
  progress?: () => void;
}>;

/** A picture's embedding; or why there is none, and whether that is the encoder's fault. */
export type EmbeddedPicture =
  | Readonly<{ embedding: Embedding }>
  | Readonly<{ embedding: null; refusal: string; refusedBy: "picture" | "encoder" }>;

/**
 * The pictures' embeddings in their order, by the decoder and encoder that serve, one picture a run.
 * @throws ServiceError when the decoder or encoder itself is gone; the signal's reason.
 */
export async function embedPictures(
  pictures: readonly LabeledPicture[],
  options: EmbedOptions,
): Promise<readonly EmbeddedPicture[]> {
  const embedded: EmbeddedPicture[] = new Array(pictures.length);
  const waiting = pictures.entries();
  const stop = new AbortController();
  const work = async () => {
    for (const [place, picture] of waiting) {
      options.signal.throwIfAborted();
      if (stop.signal.aborted) return;
      embedded[place] = await embed(picture, options);
      options.progress?.();
    }
  };
  const workers = Array.from({ length: options.ahead }, () =>
    work().catch((error: unknown) => {
      // The others end after the picture at hand: nobody would look at what they find.
      stop.abort();
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(workers)).find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return embedded;
}

async function embed(picture: LabeledPicture, options: EmbedOptions): Promise<EmbeddedPicture> {
  const { decode, encode, preprocess, signal } = options;
  const bytes = await picture.read().catch((error: Error) => error.message);
  if (typeof bytes === "string") return { embedding: null, refusal: bytes, refusedBy: "picture" };
  try {
    const { modelView } = await decode(bytes, { preprocess, meanColor: false }, signal);
    const [embedding] = await encode([toModelInput(modelView, preprocess)], signal);
    if (embedding === undefined) throw new RangeError("the encoder gave no embedding for one input");
    return { embedding };
  } catch (error) {
    const refused = toRefusal(error);
    if (refused === null) throw error;
    return { embedding: null, ...refused };
  }
}

/** What is wrong with this picture or its embedding alone; null when something is wrong with all of them. */
function toRefusal(error: unknown): Readonly<{ refusal: string; refusedBy: "picture" | "encoder" }> | null {
  if (!(error instanceof ServiceError)) return null;
  const { code, details } = error;
  if (code === "image_undecodable") return { refusal: "not a readable picture", refusedBy: "picture" };
  if (code === "image_too_many_pixels") {
    return { refusal: `${details.pixels} pixels; ${details.max_pixels} are the most`, refusedBy: "picture" };
  }
  const isOfVector = code === "encoder_failed" && /^(?:zero vector|non-finite value)$/.test(String(details.reason));
  return isOfVector ? { refusal: String(details.reason), refusedBy: "encoder" } : null;
}
