import type { EncoderFiles } from "../src/adapters/encoder-files.js";
import { createImageDecoder } from "../src/adapters/image-decoder.js";
import type { EncoderModel } from "../src/domain/encoder-model.js";
import { openModel } from "./choose-model.js";
import type { Sight } from "./see-pictures.js";

/** The threads that look at a catalog's pictures, as `seePictures` asks for them. */
export type PictureWorkers = Pick<Sight, "decodeImage" | "encode" | "preprocess" | "ahead"> &
  Readonly<{ close: () => Promise<void> }>;

/** More than any camera makes; a catalog's own pictures are trusted further than a stranger's request. */
const maxPixels = 200_000_000;
/** With four, two cores of a quiet machine had nothing to do for 9 % of the time, with eight for 6 %; sixteen were no better. */
const aheadPerWorker = 8;
/**
 * Decoding takes longer than encoding, and a decoder that has given its picture away waits for the next one: with one more
 * than there are cores to work on, those of a quiet machine with two had nothing to do for 4 % of the time instead of 8.
 */
const spareDecoders = 1;

/** Starts `workers` encoders of one thread each, and as many decoders and one more. @throws ServiceError as `createOnnxEncoder` */
export async function startPictureWorkers(
  encoder: EncoderFiles,
  model: EncoderModel,
  workers: number,
): Promise<PictureWorkers> {
  const decoder = createImageDecoder({ workers: workers + spareDecoders, maxPixels });
  try {
    const { encode, close } = await openModel(encoder, model, workers);
    return {
      ...{ decodeImage: decoder.decode, encode, preprocess: encoder.manifest.preprocess },
      ahead: workers * aheadPerWorker,
      close: async () => {
        await close();
        await decoder.close();
      },
    };
  } catch (error) {
    await decoder.close();
    throw error;
  }
}
