import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { toThumbnail } from "../src/adapters/thumbnail.js";
import { type PreprocessVersion, toModelInput } from "../src/domain/clip-input.js";
import { ServiceError } from "../src/domain/errors.js";
import type { DecodedImage, DecodeImage, EncodeBatch } from "../src/pipeline.js";
import type { PlannedItem } from "./match-item-lines.js";
import { type FindOptions, type FoundFile, findFiles } from "./picture-source.js";
import type { SeenFeatures, SeenStore } from "./seen-store.js";

/** What an item's picture shows, or why it shows nothing. */
export type SeenPicture =
  | (SeenFeatures & Readonly<{ item: PlannedItem; isReused: boolean }>)
  | Readonly<{ item: PlannedItem; refusal: string }>;

export type Sight = FindOptions &
  Readonly<{
    decodeImage: DecodeImage;
    encode: EncodeBatch;
    preprocess: PreprocessVersion;
    /** Longest side of a thumbnail; null for none. */
    thumbnails: number | null;
    /** Pictures on their way at once: bounds the memory, and keeps decoders and encoders busy at the same time. */
    ahead: number;
    /** What was seen before; null where nothing is kept. */
    store: SeenStore | null;
  }>;

/** V4's least side: smaller ones are icons, and enlarging them shows nothing. */
const minSide = 32;
/** Larger than any photograph; a picture is held in memory whole. */
const maxPictureBytes = 200_000_000;

/**
 * Looks at every item's picture by the decoder and encoder of serving, in the order of the items.
 * @throws ServiceError when the decoder or encoder itself is gone; the signal's reason.
 */
export async function* seePictures(items: readonly PlannedItem[], sight: Sight): AsyncGenerator<SeenPicture> {
  const running: Promise<SeenPicture>[] = [];
  for await (const found of findFiles(items, sight)) {
    sight.signal.throwIfAborted();
    const seen = see(found, sight);
    // Waited for below in its turn; until then, or when an earlier one fails, nobody else would.
    seen.catch(() => {});
    running.push(seen);
    if (running.length >= sight.ahead) yield await running.shift()!;
  }
  while (running.length > 0) {
    sight.signal.throwIfAborted();
    yield await running.shift()!;
  }
}

async function see(found: FoundFile, sight: Sight): Promise<SeenPicture> {
  const { item } = found;
  if ("refusal" in found) return { item, refusal: found.refusal };
  try {
    const bytes = await readPicture(found.file);
    if (typeof bytes === "string") return { item, refusal: bytes };
    const digest = sight.store === null ? "" : createHash("sha256").update(bytes).digest("hex");
    const known = (await sight.store?.find(digest)) ?? null;
    if (known !== null) return { item, isReused: true, ...known };
    const decoded = await decodePicture(bytes, sight);
    if (typeof decoded === "string") return { item, refusal: decoded };
    const { modelView, palette, meanColor } = decoded;
    // One picture a run: its embedding must not depend on what happened to be beside it.
    const [embedding] = await sight.encode([toModelInput(modelView, sight.preprocess)]);
    if (embedding === undefined || meanColor === null) throw new RangeError("the parts do not do what they promise");
    const thumbnail = sight.thumbnails === null ? null : await toThumbnail(bytes, sight.thumbnails);
    const features = { embedding, palette, meanColor, thumbnail };
    await sight.store?.keep(digest, features);
    return { item, isReused: false, ...features };
  } catch (error) {
    const refusal = toRefusal(error);
    if (refusal === null) throw error;
    return { item, refusal };
  }
}

/** What a picture's bytes show beside its vector, or why they are no picture worth it. @throws as `DecodeImage` */
export async function decodePicture(
  bytes: Uint8Array,
  { decodeImage, preprocess }: Pick<Sight, "decodeImage" | "preprocess">,
): Promise<DecodedImage | string> {
  const decoded = await decodeImage(bytes, { preprocess, meanColor: true });
  const { width, height } = decoded.size;
  return Math.min(width, height) < minSide ? `${width}x${height} pixels; ${minSide} are the least` : decoded;
}

/** The bytes of a file that may be a picture, or why it is none. */
export async function readPicture(file: string): Promise<Uint8Array | string> {
  try {
    const { size } = await stat(file);
    return refusalOfSize(size) ?? (await readFile(file));
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** Why a file of this size is no picture; null when it may be one. */
export function refusalOfSize(bytes: number): string | null {
  if (bytes > maxPictureBytes) return `${bytes} bytes; ${maxPictureBytes} are the most`;
  return bytes === 0 ? "empty" : null;
}

/** What is wrong with this picture alone; null when something is wrong with the build. */
export function toRefusal(error: unknown): string | null {
  if (!(error instanceof ServiceError)) return null;
  const { code, details } = error;
  if (code === "image_undecodable") return "not a readable picture";
  if (code === "image_too_many_pixels") return `${details.pixels} pixels; ${details.max_pixels} are the most`;
  if (code === "internal") return "the decoder failed on it";
  const isOfVector = code === "encoder_failed" && /^(?:zero vector|non-finite value)$/.test(String(details.reason));
  return isOfVector ? `the encoder gave no embedding: ${details.reason}` : null;
}
