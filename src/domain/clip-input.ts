import type { RgbImage } from "./image.js";
import type { FieldRule } from "./json-fields.js";

/** One model input: [side, side, 3] uint8; mean and deviation live in the graph. */
export type ModelInput = Readonly<{ side: number; data: Uint8Array }>;

/**
 * Every recipe takes the shortest edge to the side, the long one to `int(side * long / short)`, and the middle square.
 * - `clip-exact`: Pillow's 8-bit bicubic, then torchvision's center crop (offset rounded half to even), bit for bit.
 *   What OpenAI's and open_clip's own transforms do.
 * - `clip-hf-exact`: the same resize, then the center crop of Hugging Face's processor (offset rounded down), bit for
 *   bit as it does on Pillow; one pixel off the other for one odd difference in two. For models that are used through
 *   that processor, as FashionCLIP is. It is `CLIPImageProcessor` of transformers 4, `CLIPImageProcessorPil` of 5, whose
 *   `CLIPImageProcessor` resizes by torchvision: the same crop, values up to two steps of 255 away.
 * - `clip-fast`: the sharp recipe, cut as `clip-exact`, within about half a step of 255 on average.
 */
const recipes = ["clip-exact", "clip-hf-exact", "clip-fast"] as const;

/** A recipe and the side of the square it makes, in pixels. */
export type Preprocess = Readonly<{ recipe: (typeof recipes)[number]; side: number }>;

/**
 * How a picture becomes a model input, as one name: `clip-exact-224`. It is in every cache key and artifact, for query
 * and catalog must agree. The type cannot say which numbers are sides; `parsePreprocessVersion` does.
 */
export type PreprocessVersion = `${Preprocess["recipe"]}-${number}`;

/**
 * From one patch of the usual 16 pixels to about twice the largest published CLIP encoders (sides of 448 to 560): a
 * picture of the largest side is 3 MB, and a typing error should not become an allocation.
 */
const sides = { min: 16, max: 1024 } as const;

/** Names of versions in `encoder.json` and `manifest.json`. */
export const preprocessRule: FieldRule = {
  expected: `${recipes.map((recipe) => `${recipe}-SIDE`).join(" or ")} with a SIDE from ${sides.min} to ${sides.max}`,
  accepts: (value) => parsePreprocessVersion(value) !== null,
};

/** The recipe and side that a version names; null for anything else, other spellings of its number included. */
export function parsePreprocessVersion(version: unknown): Preprocess | null {
  const found = typeof version === "string" ? /^([a-z-]+)-([1-9]\d{1,3})$/.exec(version) : null;
  const recipe = recipes.find((each) => each === found?.[1]);
  const side = Number(found?.[2]);
  return recipe !== undefined && side >= sides.min && side <= sides.max ? { recipe, side } : null;
}

/** The same for a version that has been checked. @throws RangeError for one that has not: a caller's bug. */
export function toPreprocess(version: PreprocessVersion): Preprocess {
  const preprocess = parsePreprocessVersion(version);
  if (preprocess === null) throw new RangeError(`no preprocess version is called ${version}`);
  return preprocess;
}

/** The side of the square that a version makes. @throws RangeError as `toPreprocess`. */
export function preprocessSide(version: PreprocessVersion): number {
  return toPreprocess(version).side;
}

/**
 * The square picture as the model takes it.
 * @throws RangeError if the picture is not exactly the square that the version makes: a caller's bug.
 */
export function toModelInput(image: RgbImage, version: PreprocessVersion): ModelInput {
  const side = preprocessSide(version);
  if (image.width !== side || image.height !== side) {
    throw new RangeError(`a model input is ${side}x${side}, not ${image.width}x${image.height}`);
  }
  return { side, data: image.pixels };
}
