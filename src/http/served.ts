import type { Catalog, CatalogItems } from "../domain/catalog.js";
import type { ReadThumbnail } from "../domain/thumbnail.js";
import type { Recommend, ServedFacts } from "../pipeline.js";

/** What the routes serve from once it is loaded; a reload puts another in its place. */
export type Served = Readonly<{
  recommend: Recommend;
  facts: ServedFacts;
  items: CatalogItems;
  rowOf: Catalog["rowOf"];
  /** How many items each category has. */
  categories: Readonly<Record<string, number>>;
  /** By row; null where the artifact was built without. */
  readThumbnail: ReadThumbnail | null;
  /** Why pictures can never be answered again, one sentence each; empty when all is well, and while workers restart. */
  problems: () => readonly string[];
  /** Whoever works with it keeps it open until the returned function is called: ask before the first wait. */
  hold: () => () => void;
}>;
