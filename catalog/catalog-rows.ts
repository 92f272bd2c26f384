import type { CatalogItem } from "../src/domain/catalog.js";
import type { Embedding } from "../src/domain/embedding.js";

/** The growing catalog. A vector and its record are added in one step, so that they cannot come apart (V4's D04). */
export type CatalogRows = Readonly<{
  /** Gives the row. @throws RangeError when there are more rows than were asked for, or of another dimension. */
  add: (item: Omit<CatalogItem, "row">, embedding: Embedding) => number;
  items: readonly CatalogItem[];
  /** [items, dimension]; a view that later additions do not lengthen. */
  vectors: () => Float32Array;
}>;

/** Room for `capacity` rows of `dimension` values, taken at once. */
export function createCatalogRows(capacity: number, dimension: number): CatalogRows {
  const values = new Float32Array(capacity * dimension);
  const items: CatalogItem[] = [];
  return {
    add: (item, embedding) => {
      const row = items.length;
      if (row === capacity || embedding.length !== dimension) {
        throw new RangeError(`row ${row} of ${capacity} takes ${dimension} values, not ${embedding.length}`);
      }
      values.set(embedding, row * dimension);
      items.push({ ...item, row });
      return row;
    },
    items,
    vectors: () => values.subarray(0, items.length * dimension),
  };
}
