import { createImageDecoder } from "../src/adapters/image-decoder.js";
import { type PreprocessVersion, toModelInput } from "../src/domain/clip-input.js";
import type { CalibrationPictures } from "./clip/calibration.js";
import type { LabeledPicture } from "./verify/labeled-pictures.js";

/** More than any camera makes; given pictures are trusted further than a stranger's request. */
const maxPixels = 200_000_000;

/**
 * The pictures as the graph takes them, decoded when they are first asked for and kept: some hundred squares of 150 KB.
 * Those that cannot be read are reported and left out. @throws the signal's reason, when they are iterated.
 */
export function decodedPictures(
  pictures: readonly LabeledPicture[],
  preprocess: PreprocessVersion,
  { signal, report }: Readonly<{ signal: AbortSignal; report: (line: string) => void }>,
): CalibrationPictures {
  let decoded: Promise<readonly Uint8Array[]> | null = null;
  return async function* () {
    decoded ??= decodeAll(pictures, preprocess, { signal, report });
    for (const picture of await decoded) {
      signal.throwIfAborted();
      yield picture;
    }
  };
}

async function decodeAll(
  pictures: readonly LabeledPicture[],
  preprocess: PreprocessVersion,
  { signal, report }: Readonly<{ signal: AbortSignal; report: (line: string) => void }>,
): Promise<readonly Uint8Array[]> {
  const decoder = createImageDecoder({ workers: 1, maxPixels });
  try {
    await decoder.started();
    const views: Uint8Array[] = [];
    for (const { name, read } of pictures) {
      try {
        const { modelView } = await decoder.decode(await read(), { preprocess, meanColor: false }, signal);
        views.push(toModelInput(modelView, preprocess).data);
      } catch (error) {
        signal.throwIfAborted();
        report(`not calibrated on ${name}: ${(error as Error).message}`);
      }
    }
    return views;
  } finally {
    await decoder.close();
  }
}
