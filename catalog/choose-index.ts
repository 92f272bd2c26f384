import { faissAvailability } from "../src/adapters/faiss-index.js";
import type { IndexKind } from "../src/domain/artifact.js";
import type { VectorFile } from "./vector-file.js";

/** Which index an artifact is to have, and what it may cost. */
export type IndexWish = Readonly<{
  /** `auto` settles it by the number of rows, the memory allowed and how far answers agree. */
  index: "auto" | IndexKind;
  /** Gigabytes, 10^9 bytes, that the index may take of a server's memory; null for as many as it needs. */
  indexMemoryGb?: number | null;
}>;

/** What one asks for, and the kind that it is. */
export const indexWishes = { auto: "auto", flat: "faiss", codes: "codes", none: "none" } as const satisfies Record<
  string,
  IndexWish["index"]
>;

/** What `--index` takes, for help. */
export const indexHelp =
  "flat: every vector as it is, by FAISS; codes: an eighth of each first, for hundreds of thousands of items; none; " +
  "auto: by the number of items, and codes only where their answers are the same";

/** Some 200,000 rows of 512 values: two cores compare them all in 15 ms (`npm run bench -- search`). */
export const mostFlatValues = 100_000_000;
/** Of the answers by codes to the catalog's own items, those that must be as by whole vectors for `auto` to keep the codes. */
export const leastAgreement = 0.99;

/** @throws Error where the index wanted cannot be built here */
export function requireIndex({ index }: IndexWish): void {
  const found = faissAvailability();
  if ((index !== "faiss" && index !== "codes") || found.available) return;
  throw new Error(`no ${index === "faiss" ? "FAISS index" : "index of codes"} can be built: ${found.reason}`);
}

/** The kind to write. @throws Error where none of the kinds that may be has room in the memory allowed */
export function chooseIndex(wish: IndexWish, shape: Pick<VectorFile, "rows" | "dimension">): IndexKind {
  const allowed = (wish.indexMemoryGb ?? Number.POSITIVE_INFINITY) * 1e9;
  const wanted = wish.index === "auto" ? suited(shape, allowed) : wish.index;
  const bytes = memoryOf(wanted, shape);
  if (bytes <= allowed) return wanted;
  const size = `${(bytes / 1e9).toPrecision(3)} GB`;
  throw new Error(`the ${wanted} index of ${shape.rows} rows takes ${size}, more than ${wish.indexMemoryGb} GB`);
}

function suited(shape: Pick<VectorFile, "rows" | "dimension">, allowedBytes: number): IndexKind {
  if (!faissAvailability().available) return "none";
  const isFlat = shape.rows * shape.dimension <= mostFlatValues && memoryOf("faiss", shape) <= allowedBytes;
  return isFlat ? "faiss" : "codes";
}

/** Bytes that a server holds for it; without an index file it holds the vectors. */
function memoryOf(kind: IndexKind, { rows, dimension }: Pick<VectorFile, "rows" | "dimension">): number {
  return kind === "codes" ? rows * (dimension * 2.25 + 8) : rows * dimension * 4;
}
