import { type Answer, type Shelf, toAnswer, toShelf } from "./domain/answer.js";
import type { KnownColor } from "./domain/candidate.js";
import type { Catalog, Neighbor } from "./domain/catalog.js";
import { colorOf, toKnownColor } from "./domain/catalog-candidates.js";
import { type ModelInput, type PreprocessVersion, toModelInput } from "./domain/clip-input.js";
import { type Swatch, toSwatch } from "./domain/color.js";
import { type Embedding, toEmbedding } from "./domain/embedding.js";
import { ServiceError } from "./domain/errors.js";
import type { Rgb, RgbImage } from "./domain/image.js";
import type { ImageReference } from "./domain/image-reference.js";
import type { Query } from "./domain/query.js";
import type { RankingRules } from "./domain/ranking-rules.js";
import type { VoteCalibration } from "./domain/vote-confidence.js";
import type { Now } from "./serving/clock.js";

/** What the rest of the pipeline needs of a picture; the full-size pixels never leave the decoder. */
export type DecodedImage = Readonly<{
  /** The square of the preprocess version, by its rules. */
  modelView: RgbImage;
  /** Dominant colors of the garment, largest share first. */
  palette: readonly [Swatch, ...Swatch[]];
  /** V4's mean color, made by V4's own decode; null unless asked for. */
  meanColor: Rgb | null;
}>;

/** What to work out beside the model's view. */
export type DecodeWants = Readonly<{ preprocess: PreprocessVersion; meanColor: boolean }>;

/**
 * The signal takes a picture that still waits for a worker out of the queue.
 * @throws ServiceError `image_undecodable` | `image_too_many_pixels`; the signal's reason when aborted
 */
export type DecodeImage = (bytes: Uint8Array, wants: DecodeWants, signal?: AbortSignal) => Promise<DecodedImage>;

/**
 * The bytes of a picture elsewhere, within its own limits of size and time.
 * @throws ServiceError `reference_*` | `image_undecodable`; the signal's reason when aborted
 */
export type FetchImage = (reference: ImageReference, signal: AbortSignal) => Promise<Uint8Array>;

/** One embedding per input, in order. @throws ServiceError `encoder_failed`; the signal's reason when aborted */
export type EncodeBatch = (inputs: readonly ModelInput[], signal?: AbortSignal) => Promise<readonly Embedding[]>;

/** The vectors of a catalog. Implemented by FAISS and, where it is absent, in TypeScript. */
export type VectorIndex = Readonly<{
  kind: "faiss" | "exact";
  rows: number;
  dimension: number;
  /** Inner product of the query with every row, in row order, [rows] float32; computed off the main thread where possible. */
  similarities: (query: Embedding) => Promise<Float32Array>;
  /** The `count` most similar rows of [from, to), most similar first, equal similarities by lower row. Fewer when the range is smaller. */
  search: (
    query: Embedding,
    count: number,
    range?: Readonly<{ from: number; to: number }>,
  ) => Promise<readonly Neighbor[]>;
  close: () => Promise<void>;
}>;

/** What the rest works on once a picture has been seen. */
export type ImageFeatures = Readonly<{
  embedding: Embedding;
  palette: readonly [Swatch, ...Swatch[]];
  meanColor: Rgb | null;
}>;

/** What each step took, in ms; null where the step did not run. */
export type StageTimes = Readonly<{
  decodeMs: number | null;
  encodeMs: number | null;
  searchMs: number;
  rankMs: number;
  totalMs: number;
}>;

/** A finished answer. */
export type Recommendation = Answer &
  Readonly<{ query: Query; color: KnownColor | null; palette: readonly Swatch[]; times: StageTimes }>;

/** Query in, answer out. @throws ServiceError any request code; the signal's reason when aborted */
export type Recommend = (query: Query, signal: AbortSignal) => Promise<Recommendation>;

/** The encoder at this moment: it may have to change over to another rung while it serves. */
export type EncoderState = Readonly<{
  provider: string;
  /** `fp32`, `fp16`, `int8` or `int8-7bit`. */
  precision: string;
  /** Something better should be in use, and failed at the start or while serving. */
  degraded: boolean;
  workers: number;
  threads: number;
  /** What was tried or ruled out, in order. */
  rungs: readonly Readonly<{ provider: string; model: string | null; outcome: string; reason?: string }>[];
  /** What `auto` measured at the start, and why not more. */
  setting: Readonly<{
    goal: string;
    measured: readonly Readonly<{
      workers: number;
      threads: number;
      millisecondsEach: number;
      imagesPerSecond: number;
    }>[];
    note: string | null;
  }>;
}>;

/** What is being served; every answer names it. */
export type ServedFacts = Readonly<{
  /** Names the catalog, its rules and its encoder together: the sha-256 of the artifact's manifest. */
  catalogDigest: string;
  items: number;
  dimension: number;
  rules: RankingRules;
  encoder: string;
  encoderState: () => EncoderState;
  preprocess: PreprocessVersion;
  index: VectorIndex["kind"];
}>;

/** Everything the pipeline works with. `vectors` is [items * dimension]: a row's own embedding is its query. */
export type PipelineParts = Readonly<{
  decodeImage: DecodeImage;
  encode: (input: ModelInput, signal: AbortSignal) => Promise<Embedding>;
  index: VectorIndex;
  catalog: Catalog;
  vectors: Float32Array;
  preprocess: PreprocessVersion;
  rules: RankingRules;
  calibration: VoteCalibration;
  now: Now;
}>;

type Seen = Readonly<{ embedding: Embedding; color: KnownColor | null; palette: readonly Swatch[] }>;
type ImageTimes = Pick<StageTimes, "decodeMs" | "encodeMs">;

/** The whole service as one function: a picture, an item or an embedding in, an outfit or its nearest items out. */
export function createPipeline(parts: PipelineParts): Recommend {
  const { index, catalog, now } = parts;
  const shelf = toShelf(catalog.items, parts);
  return async (query, signal) => {
    const startedAt = now();
    const { embedding, color, palette, decodeMs, encodeMs } = await see(parts, shelf, query, signal);
    const searchedAt = now();
    const similarities = await untilAborted(index.similarities(embedding), signal);
    const rankedAt = now();
    const answer = toAnswer(shelf, query, { color, similarities });
    const endedAt = now();
    const [searchMs, rankMs, totalMs] = [rankedAt - searchedAt, endedAt - rankedAt, endedAt - startedAt];
    return { query, color, palette, ...answer, times: { decodeMs, encodeMs, searchMs, rankMs, totalMs } };
  };
}

/** What the query looks like. @throws ServiceError `item_unknown`, `option_invalid`, or as the ports */
async function see(parts: PipelineParts, shelf: Shelf, query: Query, signal: AbortSignal): Promise<Seen & ImageTimes> {
  const { source, profile } = query;
  const unseen: ImageTimes = { decodeMs: null, encodeMs: null };
  if (source.kind === "embedding") return { ...seeEmbedding(source, parts.index.dimension), ...unseen };
  const { embedding, palette, meanColor, ...times } =
    source.kind === "item"
      ? { ...itemFeatures(parts, shelf, source.id), ...unseen }
      : await imageFeatures(parts, source.bytes, { preprocess: parts.preprocess, meanColor: profile === "v4" }, signal);
  return { embedding, color: colorOf({ palette, meanColor }, profile), palette, ...times };
}

function seeEmbedding({ embedding, color }: Query["source"] & { kind: "embedding" }, dimension: number): Seen {
  if (embedding.length !== dimension) {
    const reason = `an embedding has ${dimension} numbers here, not ${embedding.length}`;
    throw new ServiceError("option_invalid", { option: "embedding", reason });
  }
  const palette = color === null ? [] : [toSwatch(color, 1)];
  return { embedding: toEmbedding(embedding), color: color === null ? null : toKnownColor(color), palette };
}

async function imageFeatures(
  { decodeImage, encode, now }: PipelineParts,
  bytes: Uint8Array,
  wants: DecodeWants,
  signal: AbortSignal,
): Promise<ImageFeatures & ImageTimes> {
  const startedAt = now();
  const { modelView, palette, meanColor } = await untilAborted(decodeImage(bytes, wants, signal), signal);
  const decodedAt = now();
  const embedding = await untilAborted(encode(toModelInput(modelView, wants.preprocess), signal), signal);
  return { embedding, palette, meanColor, decodeMs: decodedAt - startedAt, encodeMs: now() - decodedAt };
}

/** A catalog item has been seen when the artifact was built. */
function itemFeatures({ catalog, vectors, index }: PipelineParts, { rowOf }: Shelf, id: string): ImageFeatures {
  const row = rowOf.get(id);
  if (row === undefined) throw new ServiceError("item_unknown", { item_id: id });
  const { palette, meanColor } = catalog.items[row]!;
  return {
    embedding: toEmbedding(vectors.slice(row * index.dimension, (row + 1) * index.dimension)),
    palette,
    meanColor,
  };
}

/** The work's outcome, or the signal's reason as soon as it is aborted: a stuck step must not keep its caller. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
