import type { KnownColor } from "./domain/candidate.js";
import type { CatalogItem, Neighbor } from "./domain/catalog.js";
import type { ModelInput, PreprocessVersion } from "./domain/clip-input.js";
import type { Swatch } from "./domain/color.js";
import type { Embedding } from "./domain/embedding.js";
import type { Rgb, RgbImage } from "./domain/image.js";
import type { Profile } from "./domain/profile.js";
import type { Ranking } from "./domain/ranking.js";

/** What the rest of the pipeline needs of a picture; the full-size pixels never leave the decoder. */
export type DecodedImage = Readonly<{
  /** Exactly `modelSide` square, by the rules of the preprocess version. */
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

/** Where the query comes from. An embedding alone has no color, so an outfit needs one beside it. */
export type QuerySource =
  | Readonly<{ kind: "image"; bytes: Uint8Array }>
  | Readonly<{ kind: "item"; id: string }>
  | Readonly<{ kind: "embedding"; embedding: Float32Array; color: Rgb | null }>;

/** One request, parsed. Null options mean: as the rules of the artifact say. */
export type Query = Readonly<{
  source: QuerySource;
  mode: "outfit" | "similar";
  profile: Profile;
  gender: string | null;
  category: string | null;
  /** Most suggestions wanted. */
  topK: number | null;
  itemsPerCategory: number | null;
  excludeIds: readonly string[];
  explain: boolean;
}>;

/** What each step took, in ms; null where the step did not run. */
export type StageTimes = Readonly<{
  decodeMs: number | null;
  encodeMs: number | null;
  searchMs: number;
  rankMs: number;
  totalMs: number;
}>;

/** A finished answer. `similar` holds the nearest items in `similar` mode, `ranking` the outfit in `outfit` mode. */
export type Recommendation = Readonly<{
  query: Query;
  color: KnownColor | null;
  palette: readonly Swatch[];
  ranking: Ranking | null;
  similar: readonly Readonly<{ item: CatalogItem; similarity: number }>[];
  /** Rows of the catalog that were considered. */
  totalCandidates: number;
  times: StageTimes;
}>;

/** Query in, answer out. @throws ServiceError any request code */
export type Recommend = (query: Query, signal: AbortSignal) => Promise<Recommendation>;
