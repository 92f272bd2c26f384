import { join } from "node:path";
import type { CatalogItem } from "../src/domain/catalog.js";
import { type PreprocessVersion, toModelInput } from "../src/domain/clip-input.js";
import { toSwatch } from "../src/domain/color.js";
import { dotProduct } from "../src/domain/embedding.js";
import type { DecodedImage, DecodeImage, EncodeBatch } from "../src/pipeline.js";
import type { DamageList } from "./import-v4-damage.js";
import type { V4Item } from "./import-v4-items.js";
import { decodePicture, readPicture, toRefusal } from "./see-pictures.js";

/** What the pictures of V4's items are looked at with. */
export type ColorSight = Readonly<{
  imagesFolder: string;
  /** Below `imagesFolder`; null where there is none. */
  pathOf: (item: V4Item) => string | null;
  decodeImage: DecodeImage;
  encode: EncodeBatch;
  preprocess: PreprocessVersion;
  /** Pictures on their way at once. */
  ahead: number;
  signal: AbortSignal;
}>;

/** An item's colors, and how near the encoder's own vector of its picture comes to V4's, where that was looked at. */
export type ColoredItem = Pick<CatalogItem, "meanColor" | "palette" | "path"> &
  Readonly<{ item: V4Item; agreement: number | null }>;

/** Enough for a median that no changed picture moves; a second of work. */
const comparedPictures = 24;

/** V4's own color, the mean of the whole picture, for both: V4 knew no other. */
export function withV4Color(item: V4Item, path: string | null = item.path): ColoredItem | null {
  const { color } = item.record;
  return color === null ? null : { item, path, meanColor: color, palette: [toSwatch(color, 1)], agreement: null };
}

/**
 * Works the colors of all items out from their pictures, as `catalog build` does; without a picture V4's own stands for
 * them, and an item with neither is left out. @throws ServiceError when decoder or encoder are gone; the signal's reason
 */
export async function* colorItems(
  items: readonly V4Item[],
  sight: ColorSight,
  damage: DamageList,
): AsyncGenerator<ColoredItem> {
  const every = Math.max(1, Math.floor(items.length / comparedPictures));
  const running: Promise<ColoredItem | null>[] = [];
  for (const [place, item] of items.entries()) {
    sight.signal.throwIfAborted();
    const colored = color(item, sight, place % every === 0, damage);
    // Waited for below in its turn; until then, or when an earlier one fails, nobody else would.
    colored.catch(() => {});
    running.push(colored);
    if (running.length >= sight.ahead) yield* present(await running.shift()!);
  }
  while (running.length > 0) {
    sight.signal.throwIfAborted();
    yield* present(await running.shift()!);
  }
}

function present(colored: ColoredItem | null): readonly ColoredItem[] {
  return colored === null ? [] : [colored];
}

async function color(item: V4Item, sight: ColorSight, compares: boolean, damage: DamageList) {
  const path = sight.pathOf(item);
  const seen = path === null ? null : await decode(join(sight.imagesFolder, path), sight);
  if (seen === null || typeof seen === "string") {
    const own = withV4Color(item, path ?? item.path);
    const kind = path === null ? "picture_missing" : "picture_unreadable";
    const why = seen === null ? item.id : `${item.id}: ${seen}`;
    damage.add(own === null ? "item_colorless" : kind, why);
    return own;
  }
  const { meanColor, palette } = seen;
  if (meanColor === null) throw new RangeError("the decoder does not do what it promises");
  return { item, path, meanColor, palette, agreement: compares ? await compare(item, seen, sight) : null };
}

async function decode(file: string, sight: ColorSight): Promise<DecodedImage | string> {
  try {
    const bytes = await readPicture(file);
    return typeof bytes === "string" ? bytes : await decodePicture(bytes, sight);
  } catch (error) {
    const refusal = toRefusal(error);
    if (refusal === null) throw error;
    return refusal;
  }
}

async function compare(item: V4Item, { modelView }: DecodedImage, { encode, preprocess }: ColorSight): Promise<number> {
  const [embedding] = await encode([toModelInput(modelView, preprocess)]);
  if (embedding === undefined) throw new RangeError("the encoder does not do what it promises");
  return dotProduct(embedding, item.embedding);
}
