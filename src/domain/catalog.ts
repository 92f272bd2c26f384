import type { Swatch } from "./color.js";
import type { Rgb } from "./image.js";

/** One garment. `row` is its position among the vectors, the only link between the two. */
export type CatalogItem = Readonly<{
  row: number;
  id: string;
  category: string | null;
  gender: string | null;
  /** Path of the picture relative to the scanned folder, with forward slashes; null when the item came without one. */
  path: string | null;
  /** V4's color: mean of the whole picture, background included. */
  meanColor: Rgb;
  /** Dominant colors of the garment, largest share first. */
  palette: readonly [Swatch, ...Swatch[]];
  title: string | null;
  price: string | null;
  url: string | null;
  imageUrl: string | null;
}>;

/** Items by row: `at(row)` has that row. An array; or the lines of a large catalog, of which one is read when it is asked for. */
export type CatalogItems = Pick<readonly CatalogItem[], "length" | "at"> & Iterable<CatalogItem>;

/** Items that come to be when they are asked for. */
export function toItems(length: number, read: (row: number) => CatalogItem): CatalogItems {
  return {
    length,
    at: (row) => (row >= 0 && row < length ? read(row) : undefined),
    *[Symbol.iterator]() {
      for (let row = 0; row < length; row++) yield read(row);
    },
  };
}

/** `digest` is the sha-256 of the artifact's manifest. */
export type Catalog = Readonly<{
  items: CatalogItems;
  rowOf: (id: string) => number | undefined;
  digest: string;
}>;

/** A catalog row and its cosine similarity to the query, in [-1, 1]. */
export type Neighbor = Readonly<{ row: number; similarity: number }>;
