import type { RgbImage } from "./image.js";

/** One model input: [side, side, 3] uint8; mean and deviation live in the graph. */
export type ModelInput = Readonly<{ side: number; data: Uint8Array }>;

/**
 * How a picture becomes a model input. Named in every cache key and artifact: query and catalog must agree.
 * - `clip-exact-224`: Pillow's 8-bit bicubic to a shortest edge of 224, then torchvision's centre crop
 *   (offset rounded half to even), bit for bit.
 * - `clip-fast-224`: the sharp recipe, same size and crop, within about half a step of 255 on average.
 */
export const preprocessVersions = ["clip-exact-224", "clip-fast-224"] as const;
export type PreprocessVersion = (typeof preprocessVersions)[number];

/** The side of the square each preprocess version makes, in pixels. */
export const modelSide = 224;

/**
 * The square picture as the model takes it.
 * @throws RangeError if the picture is not exactly `side` square: a caller's bug.
 */
export function toModelInput(image: RgbImage, side: number = modelSide): ModelInput {
  if (image.width !== side || image.height !== side) {
    throw new RangeError(`a model input is ${side}x${side}, not ${image.width}x${image.height}`);
  }
  return { side, data: image.pixels };
}
