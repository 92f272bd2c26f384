import type { Neighbor } from "./domain/catalog.js";
import type { ModelInput, PreprocessVersion } from "./domain/clip-input.js";
import type { Swatch } from "./domain/color.js";
import type { Embedding } from "./domain/embedding.js";
import type { Rgb, RgbImage } from "./domain/image.js";

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

/** @throws ServiceError `image_undecodable` | `image_too_many_pixels` */
export type DecodeImage = (bytes: Uint8Array, wants: DecodeWants) => Promise<DecodedImage>;

/** One embedding per input, in order. @throws ServiceError `encoder_failed` */
export type EncodeBatch = (inputs: readonly ModelInput[]) => Promise<readonly Embedding[]>;

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
