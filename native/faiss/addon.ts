/** Nearest is largest for `inner_product`, smallest for `l2` (squared distance). */
export type Metric = "inner_product" | "l2";

/** For each query in turn `count` places, best first, equal values by lower row; row -1 where an IVF index found fewer. */
export type SearchResult = Readonly<{ count: number; rows: Int32Array; values: Float32Array }>;

/**
 * One FAISS index. It belongs to the thread that made it; searches run on libuv's threads, any number at a time.
 * Wrong types throw TypeError, wrong values (a row that is not finite among them) RangeError, and what FAISS or the disk
 * refuses is an Error. After `close` every member throws, while work in progress still ends well.
 */
export type FaissIndex = Readonly<{
  rows: number;
  dimension: number;
  metric: Metric;
  description: string;
  isTrained: boolean;
  /** Appends rows, [rows * dimension]. Works here and now, after the searches in progress: for start-up, not for serving. */
  add: (vectors: Float32Array) => void;
  /** Learns the lists of an IVF index from at least as many rows as it has lists; a flat one needs none. Here and now. */
  train: (vectors: Float32Array) => void;
  /** The `count` best rows of [from, to) for each query of [queries * dimension]; `count` is cut to the range. */
  search: (queries: Float32Array, count: number, from?: number, to?: number) => Promise<SearchResult>;
  /** Inner product of each query of [queries * dimension] with each row of [from, to), [queries, rows]; only for a flat `inner_product` index. */
  similarities: (queries: Float32Array, from?: number, to?: number) => Promise<Float32Array>;
  /** The rows [from, to) as they were added, [(to - from) * dimension]. */
  vectors: (from?: number, to?: number) => Promise<Float32Array>;
  /** Writes a file that FAISS reads anywhere. Resolves with this index. */
  write: (path: string) => Promise<FaissIndex>;
  /** The same bytes in memory. Here and now. */
  serialize: () => Uint8Array;
  /** Gives the memory back once the work in progress has ended. */
  close: () => void;
}>;

/** For each output position: `counts` inputs from `starts` on, and their weights, `stride` places apart, in 22-bit fixed point. */
export type AxisWeights = Readonly<{ starts: Int32Array; counts: Int32Array; weights: Int32Array; stride: number }>;

/** What `build/stygig_faiss.node` exports. */
export type FaissAddon = Readonly<{
  faissVersion: string;
  /** An empty index; `description` is `Flat` or `IVF<lists>,Flat`, `dimension` at most 65,536. */
  createIndex: (dimension: number, description: string, metric: Metric) => FaissIndex;
  /** Reads the file of a flat index. One of another kind, short, long, damaged or with a value that is not finite is refused. */
  readIndex: (path: string) => Promise<FaissIndex>;
  /** The same from bytes, here and now. */
  deserializeIndex: (bytes: Uint8Array) => FaissIndex;
  /**
   * Resizes RGB pixels: across by `columns`, then down by `rows`, each pass rounded to 8 bits. Gives [rows, columns, 3].
   * Here and now. Has nothing to do with FAISS; it lives here so that there is one addon to build and to load.
   */
  mixPixels: (pixels: Uint8Array, width: number, columns: AxisWeights, rows: AxisWeights) => Uint8Array;
  /**
   * Of each of the rows [from, to) the sum of its coarse codes less 8, two a byte, times the query's values, times the row's
   * factor and `step`, into `target`, and the highest of every 64 into `peaks`, at whose borders `from` and `to` are: the low codes belong to the query's first half, the high ones to the second. Until the
   * promise resolves the arrays must neither change nor be handed to another thread.
   */
  scanCodes: (
    query: Int8Array,
    coarse: Uint8Array,
    factors: Float32Array,
    step: number,
    target: Float32Array,
    peaks: Float32Array,
    from?: number,
    to?: number,
  ) => Promise<unknown>;
  /** The inner product of the query with the numbers of some rows, from all four planes. Here and now. */
  refineCodes: (
    query: Float32Array,
    rows: Int32Array,
    coarse: Uint8Array,
    middle: Uint8Array,
    low: Uint8Array,
    lowest: Uint8Array,
  ) => Float64Array;
}>;
