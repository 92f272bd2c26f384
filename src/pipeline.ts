import { type Answer, type Shelf, toAnswer } from "./domain/answer.js";
import type { KnownColor } from "./domain/candidate.js";
import type { Neighbor } from "./domain/catalog.js";
import { colorOf, toKnownColor } from "./domain/catalog-candidates.js";
import { type ModelInput, type PreprocessVersion, toModelInput } from "./domain/clip-input.js";
import { type Swatch, toSwatch } from "./domain/color.js";
import type { Estimate } from "./domain/contenders.js";
import type { Size } from "./domain/downscale.js";
import { type Embedding, toEmbedding } from "./domain/embedding.js";
import { ServiceError } from "./domain/errors.js";
import type { Rgb, RgbImage } from "./domain/image.js";
import type { ImageReference } from "./domain/image-reference.js";
import type { Query } from "./domain/query.js";
import type { RankingRules } from "./domain/ranking-rules.js";
import type { Urgency } from "./serving/batcher.js";
import type { Now } from "./serving/clock.js";
import type { CacheOutcome, FeatureCache, FeatureKey } from "./serving/feature-cache.js";

/** What the rest of the pipeline needs of a picture; the full-size pixels never leave the decoder. */
export type DecodedImage = Readonly<{
  /** Width and height of the picture as its file has it, before it is turned. */
  size: Size;
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

/** A picture from elsewhere. Its bytes count as held until `letGo` is called. */
export type FetchedImage = Readonly<{ bytes: Uint8Array; letGo: () => void }>;

/**
 * Gets a picture from elsewhere, within limits of size and time.
 * @throws ServiceError `reference_*` | `image_undecodable` | `overloaded`; the signal's reason when aborted
 */
export type FetchImage = (reference: ImageReference, signal: AbortSignal, urgency: Urgency) => Promise<FetchedImage>;

/** One embedding per input, in order. @throws ServiceError `encoder_failed`; the signal's reason when aborted */
export type EncodeBatch = (inputs: readonly ModelInput[], signal?: AbortSignal) => Promise<readonly Embedding[]>;

/** The vectors of a catalog. */
export type VectorIndex = Readonly<{
  kind: "faiss" | "exact" | "codes";
  rows: number;
  dimension: number;
  /** What is known of every row's similarity, by its place on the shelf; worked out off the main thread where possible. */
  estimate: (query: Embedding) => Promise<Estimate>;
  /** The row's own, of length 1. */
  embeddingOf: (row: number) => Promise<Embedding>;
  close: () => Promise<void>;
}>;

/** An index that compares every row as it is, each place being a row. Implemented by FAISS and, where it is absent, in TypeScript. */
export type FlatIndex = VectorIndex &
  Readonly<{
    /** Inner product of the query with every row, in row order, [rows] float32. */
    similarities: (query: Embedding) => Promise<Float32Array>;
    /** The same of each query of [queries * dimension], [queries, rows]: quicker than one after the other, and the same bits. */
    similaritiesOfEach: (queries: Float32Array) => Promise<Float32Array>;
    /** The `count` most similar rows of [from, to), most similar first, equal similarities by lower row. Fewer when the range is smaller. */
    search: (
      query: Embedding,
      count: number,
      range?: Readonly<{ from: number; to: number }>,
    ) => Promise<readonly Neighbor[]>;
  }>;

/** What the rest works on once a picture has been seen. */
export type ImageFeatures = Readonly<{
  embedding: Embedding;
  palette: readonly [Swatch, ...Swatch[]];
  meanColor: Rgb | null;
}>;

/** What each step took, in ms, its waiting for a worker included; null where the step did not run for this caller. */
export type StageTimes = Readonly<{
  fetchMs: number | null;
  decodeMs: number | null;
  encodeMs: number | null;
  searchMs: number;
  rankMs: number;
  totalMs: number;
}>;

/** A finished answer. `cache` is null where no picture had to be seen. */
export type Recommendation = Answer &
  Readonly<{
    query: Query;
    embedding: Embedding;
    color: KnownColor | null;
    palette: readonly Swatch[];
    cache: CacheOutcome | null;
    times: StageTimes;
  }>;

/** Query in, answer out. @throws ServiceError any request code; the signal's reason when aborted */
export type Recommend = (query: Query, signal: AbortSignal, urgency?: Urgency) => Promise<Recommendation>;

/** The encoder at this moment: it may have to change over to another rung while it serves. */
export type EncoderState = Readonly<{
  provider: string;
  /** `fp32`, `fp16`, `int8` or `int8-7bit`. */
  precision: string;
  /** Names everything that decides an embedding: the model's file, its runtime settings and its pictures' preparation. */
  digest: string;
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

/** Everything the pipeline works with. */
export type PipelineParts = Readonly<{
  fetchImage: FetchImage;
  /** Names what will be made of a picture's bytes, and by what. */
  keyOf: (bytes: Uint8Array, wants: DecodeWants) => Promise<FeatureKey>;
  features: FeatureCache<ImageFeatures>;
  /** Refuses a picture of more pixels than there is room for now; a job's waits. Returns the function that makes room again. */
  admitPixels: (bytes: Uint8Array, signal: AbortSignal, urgency: Urgency) => Promise<() => void>;
  decodeImage: (bytes: Uint8Array, wants: DecodeWants, signal: AbortSignal, urgency: Urgency) => Promise<DecodedImage>;
  encode: (input: ModelInput, signal: AbortSignal, urgency: Urgency) => Promise<Embedding>;
  index: VectorIndex;
  shelf: Shelf;
  preprocess: PreprocessVersion;
  now: Now;
}>;

type Seen = Readonly<{ embedding: Embedding; color: KnownColor | null; palette: readonly Swatch[] }>;
type Looked = Readonly<{ cache: CacheOutcome | null }> & Pick<StageTimes, "fetchMs" | "decodeMs" | "encodeMs">;
/** Who asks: when they leave, and whether they wait in person. */
type Caller = Readonly<{ signal: AbortSignal; urgency: Urgency }>;

const unlooked: Looked = { cache: null, fetchMs: null, decodeMs: null, encodeMs: null };

/** The whole service as one function: a picture, an item or an embedding in, an outfit or its nearest items out. */
export function createPipeline(parts: PipelineParts): Recommend {
  const { index, shelf, now } = parts;
  return async (query, signal, urgency = "interactive") => {
    const startedAt = now();
    const { embedding, color, palette, cache, ...stages } = await see(parts, query, { signal, urgency });
    const searchedAt = now();
    const estimate = await untilAborted(index.estimate(embedding), signal);
    const rankedAt = now();
    const answer = toAnswer(shelf, query, { color, estimate });
    const endedAt = now();
    const [searchMs, rankMs, totalMs] = [rankedAt - searchedAt, endedAt - rankedAt, endedAt - startedAt];
    return { query, embedding, color, palette, cache, ...answer, times: { ...stages, searchMs, rankMs, totalMs } };
  };
}

/** What the query looks like. @throws ServiceError `item_unknown`, `option_invalid`, or as the ports */
async function see(parts: PipelineParts, query: Query, caller: Caller): Promise<Seen & Looked> {
  const { source, profile } = query;
  if (source.kind === "embedding") return { ...seeEmbedding(source, parts.index.dimension), ...unlooked };
  const wants = { preprocess: parts.preprocess, meanColor: profile === "v4" };
  const { embedding, palette, meanColor, ...looked } =
    source.kind === "item"
      ? { ...(await itemFeatures(parts, source.id, caller)), ...unlooked }
      : source.kind === "image"
        ? await imageFeatures(parts, source.bytes, wants, caller)
        : await referencedFeatures(parts, source.reference, wants, caller);
  return { embedding, color: colorOf({ palette, meanColor }, profile), palette, ...looked };
}

function seeEmbedding({ embedding, color }: Query["source"] & { kind: "embedding" }, dimension: number): Seen {
  if (embedding.length !== dimension) {
    const reason = `an embedding has ${dimension} numbers here, not ${embedding.length}`;
    throw new ServiceError("option_invalid", { option: "embedding", reason });
  }
  const palette = color === null ? [] : [toSwatch(color, 1)];
  return { embedding: toEmbedding(embedding), color: color === null ? null : toKnownColor(color), palette };
}

/** Of a picture elsewhere: what it is has to be seen before it can be known already. */
async function referencedFeatures(
  parts: PipelineParts,
  reference: ImageReference,
  wants: DecodeWants,
  caller: Caller,
): Promise<ImageFeatures & Looked> {
  const startedAt = parts.now();
  const { bytes, letGo } = await parts.fetchImage(reference, caller.signal, caller.urgency);
  const fetchMs = parts.now() - startedAt;
  try {
    return { ...(await imageFeatures(parts, bytes, wants, caller)), fetchMs };
  } finally {
    letGo();
  }
}

/** Of a picture: known already, being found out for somebody else, or found out now. */
async function imageFeatures(
  parts: PipelineParts,
  bytes: Uint8Array,
  wants: DecodeWants,
  { signal, urgency }: Caller,
): Promise<ImageFeatures & Looked> {
  const key = await untilAborted(parts.keyOf(bytes, wants), signal);
  let times = { decodeMs: null, encodeMs: null } as Pick<StageTimes, "decodeMs" | "encodeMs">;
  const compute = async (shared: AbortSignal): Promise<ImageFeatures> => {
    const computed = await computeFeatures(parts, bytes, wants, { signal: shared, urgency });
    times = computed.times;
    return computed.features;
  };
  const { features, outcome } = await parts.features.get({ key, urgency, signal, compute });
  return { ...features, ...times, fetchMs: null, cache: outcome };
}

async function computeFeatures(
  { admitPixels, decodeImage, encode, now }: PipelineParts,
  bytes: Uint8Array,
  wants: DecodeWants,
  { signal, urgency }: Caller,
) {
  const startedAt = now();
  const makeRoom = await admitPixels(bytes, signal, urgency);
  const decoded = await untilAborted(decodeImage(bytes, wants, signal, urgency), signal).finally(makeRoom);
  const decodedAt = now();
  const { modelView, palette, meanColor } = decoded;
  const embedding = await untilAborted(encode(toModelInput(modelView, wants.preprocess), signal, urgency), signal);
  const times = { decodeMs: decodedAt - startedAt, encodeMs: now() - decodedAt };
  return { features: { embedding, palette, meanColor }, times };
}

/** A catalog item has been seen when the artifact was built. */
async function itemFeatures({ shelf, index }: PipelineParts, id: string, { signal }: Caller): Promise<ImageFeatures> {
  const row = shelf.rowOf(id);
  if (row === undefined) throw new ServiceError("item_unknown", { item_id: id });
  const { palette, meanColor } = shelf.items.at(row)!;
  return { embedding: await untilAborted(index.embeddingOf(row), signal), palette, meanColor };
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
